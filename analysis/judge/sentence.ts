/** A bound of a metric at the level that decided, in the metric's own unit. */
export interface DecidedBounds {
  /** Undefined: unbounded. */
  readonly low: number | undefined
  readonly high: number | undefined
}

/** What a reason says about one objective with a limit. */
export interface LimitedFinding {
  readonly verdict: 'pass' | 'fail' | 'inconclusive'
  /** `error rate`, `share of requests slower than 100 ms`. */
  readonly name: string
  /** Whether a higher value is better, worse, or either is bad. */
  readonly limitWord: 'min' | 'max' | 'both'
  readonly bounds: DecidedBounds
  /** In the same unit. */
  readonly limit: number
  readonly margin: number
  /** Such as `the baseline's limit`. */
  readonly limitName?: string
  /** What was seen: `0.004 of 500 events`. */
  readonly estimate: string
}

const digits = 3

/**
 * Says verdict, bound, limit, margin and estimate of an objective in one sentence, without the verdict's name:
 * `error rate at most 0.018; limit 0.01 + margin 0.01; estimate 0.004 of 500 events`. Bounds are rounded away from
 * the estimate, so that they hold as printed.
 */
export function limitedSentence(finding: LimitedFinding): string {
  const { estimate, limitName = 'limit' } = finding
  return `${finding.name} ${boundText(finding)}; ${limitName} ${limitText(finding)}; estimate ${estimate}`
}

function boundText({ verdict, limitWord, bounds }: LimitedFinding): string {
  const { low, high } = bounds
  const isBetween = verdict === 'inconclusive' || limitWord === 'both'
  const isUpper = (verdict === 'pass') === (limitWord === 'max')
  const least = isBetween || !isUpper ? low : undefined
  const most = isBetween || isUpper ? high : undefined
  if (least === undefined) return most === undefined ? 'undecided' : `at most ${roundUp(most)}`
  if (most === undefined) return `at least ${roundDown(least)}`
  return `between ${roundDown(least)} and ${roundUp(most)}`
}

function limitText({ verdict, limitWord, limit, margin }: LimitedFinding): string {
  const [shown, wide] = [plain(limit), plain(margin)]
  if (margin === 0) return shown
  if (verdict === 'fail') return `${shown}, margin ${wide}`
  if (limitWord === 'both') return `${shown} + margin ${wide} to either side`
  return `${shown} ${limitWord === 'max' ? '+' : '-'} margin ${wide}`
}

/** Writes a number with three digits. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(digits)) + 0)
}

function plain(value: number): string {
  return String(Number(value.toPrecision(6)))
}

function roundUp(value: number): string {
  return roundTo(value, 1)
}

function roundDown(value: number): string {
  return roundTo(value, -1)
}

/** Rounds to three digits in one direction. */
function roundTo(value: number, direction: 1 | -1): string {
  const rounded = Number(value.toPrecision(digits))
  if ((rounded - value) * direction >= 0) return String(rounded + 0)
  const step = 10 ** (Math.floor(Math.log10(Math.abs(value))) - digits + 1)
  return String(Number((rounded + direction * step).toPrecision(digits)) + 0)
}
