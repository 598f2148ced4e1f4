/** How kubectl reads a plain scalar that looks like a number. */
export type YamlNumber =
  | { readonly kind: 'int'; readonly value: number | bigint }
  | { readonly kind: 'float'; readonly value: number }

const maxInt64 = 2n ** 63n - 1n
const minInt64 = -(2n ** 63n)
const maxUint64 = 2n ** 64n - 1n
const decimalInteger = /^[-+]?(?:0|[1-9][0-9]{0,14})$/
const prefixedInteger = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[0-9]+)$/
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/

/**
 * Returns the number that kubectl reads, or undefined when it reads a string.
 *
 * Integers are decimal, `0x`, `0b`, `0o` or octal with a leading zero, with `_` anywhere but in front;
 * beyond int64 they become floats, as they do when an object reaches the API server. A float too
 * large for 64 bits is a string (`12e4567`).
 * Source: go.yaml.in/yaml v2 resolve.go, which sigs.k8s.io/yaml uses; checked against kubectl 1.32.
 */
export function resolveNumber(text: string): YamlNumber | undefined {
  if (decimalInteger.test(text)) return { kind: 'int', value: Number(text) + 0 }
  const digits = text.startsWith('.') ? text : text.replaceAll('_', '')
  if (prefixedInteger.test(digits)) {
    const value = parseInteger(digits)
    if (value !== undefined) return value
  }
  if (!float.test(digits)) return undefined
  const value = Number(digits)
  return Number.isFinite(value) ? { kind: 'float', value: value + 0 } : undefined
}

function parseInteger(digits: string): YamlNumber | undefined {
  const isNegative = digits.startsWith('-')
  const magnitude = parseMagnitude(digits.replace(/^[-+]/, ''))
  if (magnitude === undefined) return undefined
  const value = isNegative ? -magnitude : magnitude
  if (value < minInt64 || value > maxUint64) return undefined
  if (value > maxInt64) return { kind: 'float', value: Number(value) }
  return { kind: 'int', value: compact(value) }
}

function parseMagnitude(digits: string): bigint | undefined {
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`)
  if (/^0[0-9]+$/.test(digits)) return undefined
  return BigInt(digits.toLowerCase())
}

function compact(value: bigint): number | bigint {
  const asNumber = Number(value)
  return Number.isSafeInteger(asNumber) ? asNumber : value
}

/**
 * Writes a float as a mapping key: the shortest text that names the nearest 32-bit float, in Go's `%g`.
 * Source: sigs.k8s.io/yaml convertToJSONableObject (strconv.FormatFloat(key, 'g', -1, 32)).
 */
export function floatKey(value: number): string {
  const nearest = Math.fround(value)
  if (nearest === 0) return '0'
  if (!Number.isFinite(nearest)) return nearest > 0 ? '.inf' : '-.inf'
  for (let digits = 1; digits < 10; digits++) {
    const shortest = Number(nearest.toPrecision(digits))
    if (Math.fround(shortest) === nearest) return goShortest(shortest)
  }
  return goShortest(nearest)
}

/** Go writes an exponent from 10^6 up and below 10^-4, with two digits at least. */
function goShortest(value: number): string {
  const [mantissa = '', exponentText = '0'] = value.toExponential().split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 6) return String(value)
  const sign = exponent < 0 ? '-' : '+'
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}
