/** `%f` of Go: no exponent, a half is rounded to the even digit. */
export function fixed(value: number, precision: number): string {
  if (Math.abs(value) < 1e21) {
    return roundHalfToEven(value.toFixed(100), value.toFixed(precision), precision)
  }
  const zeros = precision === 0 ? '' : `.${'0'.repeat(precision)}`
  return Number.isFinite(value) ? BigInt(value).toString() + zeros : String(value)
}

/** `%e` of Go: two digits of the exponent at least, a half is rounded to the even digit. */
export function exponential(value: number, precision: number): string {
  const rounded = value.toExponential(precision)
  return goExponent(roundHalfToEven(value.toExponential(100), rounded, precision))
}

/**
 * `%g` of Go: an exponent below -4 and from the precision on, which is 6 where it is not given.
 *
 * @param precision significant digits; as many as tell the number from every other one by default
 */
export function shortest(value: number, precision: number | undefined): string {
  const digits = Math.max(1, precision ?? 6)
  const rounded = precision === undefined ? value : Number(exponential(value, digits - 1))
  const scientific = rounded.toExponential()
  const exponent = Number(scientific.slice(scientific.indexOf('e') + 1))
  return exponent < -4 || exponent >= digits ? goExponent(scientific) : String(rounded)
}

/**
 * JavaScript rounds a half away from zero. A double that lies at a half has few digits, so that
 * `exact` shows all of them.
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
