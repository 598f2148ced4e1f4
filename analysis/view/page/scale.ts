/** Maps a value to a position in a chart. */
export type Scale = (value: number) => number

/** Returns a linear scale. If the range of values is empty, every value is at the start. */
export function linearScale(
  [fromValue, toValue]: readonly [number, number],
  [from, to]: readonly [number, number]
): Scale {
  const span = toValue - fromValue
  return value => round(span === 0 ? from : from + ((value - fromValue) / span) * (to - from))
}

/** Rounds to a tenth of a pixel. */
function round(position: number): number {
  return Math.round(position * 10) / 10
}

/** Returns about `wanted` round values within a range. */
export function ticks(
  [from, to]: readonly [number, number],
  wanted: number,
  steps: readonly number[] = decimalSteps
): readonly number[] {
  const least = (to - from) / wanted
  const step = steps.find(candidate => candidate >= least) ?? steps.at(-1) ?? 1
  const found: number[] = []
  for (let at = Math.ceil(from / step); at * step <= to && found.length < 20; at += 1) {
    found.push(Number((at * step).toPrecision(12)))
  }
  return found
}

const decimalSteps = Array.from({ length: 16 }, (_, index) => 10 ** (index - 6)).flatMap(power => [
  power,
  2 * power,
  5 * power
])

/** Steps of a time axis, in milliseconds. */
export const timeSteps = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000,
  3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000, 2_592_000_000
] as const
