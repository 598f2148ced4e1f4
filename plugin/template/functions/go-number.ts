/** Go's `%f`: no exponent, a half rounds to the even digit. */
export function fixed(value: number, precision: number): string {
  if (Math.abs(value) < 1e21) {
    return roundHalfToEven(value.toFixed(100), value.toFixed(precision), precision)
  }
  const zeros = precision === 0 ? '' : `.${'0'.repeat(precision)}`
  return Number.isFinite(value) ? BigInt(value).toString() + zeros : String(value)
}

/** Go's `%e`: an exponent of at least two digits, a half rounds to the even digit. */
export function exponential(value: number, precision: number): string {
  const rounded = value.toExponential(precision)
  return goExponent(roundHalfToEven(value.toExponential(100), rounded, precision))
}

/**
 * Go's `%g`: an exponent is written below -4, and from the precision (6 by default) upwards.
 *
 * @param precision significant digits; by default as many as identify the number
 */
export function shortest(value: number, precision: number | undefined): string {
  const digits = Math.max(1, precision ?? 6)
  const rounded = precision === undefined ? value : Number(exponential(value, digits - 1))
  const scientific = rounded.toExponential()
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1))
  return exponent < -4 || exponent >= digits ? goExponent(scientific) : String(rounded)
}

/**
 * Corrects JavaScript, which rounds a half away from zero. A double at exactly a half has few digits, so
 * `exact` has all of them.
 */
function roundHalfToEven(exact: string, rounded: string, precision: number): string {
  const [number = '', exponent] = exact.split('e')
  const end = number.indexOf('.') + 1 + precision
  const kept = number.slice(0, end)
  if (!/^50*$/.test(number.slice(end)) || !/[02468]\.?$/.test(kept)) return rounded
  return kept.replace(/\.$/, '') + (exponent === undefined ? '' : `e${exponent}`)
}

function goExponent(text: string): string {
  return text.replace(/e([-+])([0-9])$/, 'e$10$2')
}
