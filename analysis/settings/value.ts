/** A value, or the expected form, such as `a ratio between 0 and 1`. */
export type Reading<T> = { readonly value: T } | { readonly expected: string }

/** Reads a value from text. */
export type Reader<T> = (text: string) => Reading<T>

const msByUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000
}

const durationPart = '(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)'
const wholeDuration = new RegExp(`^(?:0|(?:${durationPart})+)$`)

/** The form of a duration, for messages. */
export const durationForm = 'a Go duration, such as 100ms, 30s or 1h30m'

/** Reads an unsigned Go duration (`time.ParseDuration`) in milliseconds, within two bounds. */
export function durationMs(leastMs: number, mostMs: number): Reader<number> {
  return text => {
    const expected = `${durationForm}, from ${leastMs} ms to ${mostMs} ms`
    if (text.length > 40 || !wholeDuration.test(text)) return { expected: durationForm }
    let value = 0
    for (const [, amount, unit = ''] of text.matchAll(new RegExp(durationPart, 'g'))) {
      value += Number(amount) * (msByUnit[unit] ?? Number.NaN)
    }
    return value >= leastMs && value <= mostMs ? { value } : { expected }
  }
}

/** Reads a decimal number strictly between two bounds. */
export function ratio(least: number, most: number): Reader<number> {
  const expected = `a ratio between ${least} and ${most}`
  return text => {
    const value = Number(text)
    const isRatio = /^\d*\.?\d+(?:e-?\d{1,2})?$/i.test(text) && value > least && value < most
    return isRatio ? { value } : { expected }
  }
}

/** Reads a decimal number strictly between two bounds, such as 1 and 100. */
export function numberBetween(least: number, most: number): Reader<number> {
  return text => {
    const reading = signedNumber(text)
    const isBetween = 'value' in reading && reading.value > least && reading.value < most
    return isBetween ? reading : { expected: `a number between ${least} and ${most}` }
  }
}

/** Reads a whole number within two bounds, inclusive. */
export function wholeNumber(least: number, most: number): Reader<number> {
  return text => {
    const value = Number(text)
    const isWhole = /^\d{1,15}$/.test(text) && value >= least && value <= most
    return isWhole ? { value } : { expected: `a whole number from ${least} to ${most}` }
  }
}

/** Reads one of the given words. */
export function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return text => {
    const value = words.find(word => word === text)
    return value === undefined ? { expected: words.join(', ') } : { value }
  }
}

/** Reads `true` or `false`. */
export const truth: Reader<boolean> = text =>
  text === 'true' || text === 'false' ? { value: text === 'true' } : { expected: 'true or false' }

/** Reads a string of one line. */
export const word: Reader<string> = text =>
  text !== '' && text.length <= 200 && !/\p{Cc}/u.test(text)
    ? { value: text }
    : { expected: 'a string of 1 to 200 characters without control characters' }

/** Reads comma-separated values; spaces around them are ignored. */
export function listOf<T>(reader: Reader<T>): Reader<readonly T[]> {
  return text => {
    const readings = text.split(',').map(part => reader(part.trim()))
    const value = readings.flatMap(reading => ('value' in reading ? [reading.value] : []))
    return value.length === readings.length ? { value } : { expected: 'comma-separated names' }
  }
}

/** Reads a decimal number of either sign. */
export const signedNumber: Reader<number> = text =>
  /^-?\d*\.?\d+(?:e-?\d{1,2})?$/i.test(text)
    ? { value: Number(text) }
    : { expected: 'a decimal number' }

/** Reads a decimal number above 0. */
export const positiveNumber: Reader<number> = text => {
  const reading = signedNumber(text)
  return 'value' in reading && reading.value > 0 ? reading : { expected: 'a number above 0' }
}

/** Reads a number, or a percentage such as `5%`. */
export const tolerance: Reader<{ readonly value: number; readonly isShare: boolean }> = text => {
  const isShare = text.endsWith('%')
  const reading = signedNumber(isShare ? text.slice(0, -1) : text)
  if (!('value' in reading) || reading.value < 0) {
    return { expected: 'a number of at least 0, or a percentage such as 5%' }
  }
  return { value: { value: isShare ? reading.value / 100 : reading.value, isShare } }
}
