const decimal: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18
}
const binary = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const pattern = /^([+-]?)(\d{0,40})(?:\.(\d{0,40}))?([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,2}|)$/
const nano = 9

/**
 * A Kubernetes quantity (`500m`, `1.5Gi`, `1e3`) in billionths, rounded up away from zero as
 * apimachinery does (pkg/api/resource/quantity.go); undefined for text that is not a quantity.
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', part = '', suffix = ''] = match
  if (whole === '' && part === '') return undefined
  const power = binary.indexOf(suffix) + 1
  const exponent = power > 0 ? 0 : (decimal[suffix] ?? Number(suffix.slice(1)))
  const digits = BigInt(whole + part) * 1024n ** BigInt(power)
  const size = shift(digits, exponent + nano - part.length)
  return sign === '-' ? -size : size
}

function shift(digits: bigint, places: number): bigint {
  if (places >= 0) return digits * 10n ** BigInt(places)
  const divisor = 10n ** BigInt(-places)
  return (digits + divisor - 1n) / divisor
}
