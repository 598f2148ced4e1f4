/** The sign, digits and exponent of a decimal number, without zeros at either end. */
function normalize(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const isNegative = mantissa.startsWith('-')
  const [whole = '', fraction = ''] = mantissa.replace(/^[-+]/, '').split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  const power = Number(exponent) - fraction.length + digits.length - kept.length
  return `${isNegative ? '-' : ''}${kept}e${power}`
}

/**
 * Whether a JavaScript number keeps every digit of a decimal number (`0.1`, `1e3`, not
 * `9007199254740993` or `0.12345678901234567890`).
 */
export function isExactDecimal(text: string): boolean {
  const number = Number(text)
  return Number.isFinite(number) && normalize(String(number)) === normalize(text)
}
