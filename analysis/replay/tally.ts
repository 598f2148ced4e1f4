import { bucketOf } from '../statistics/latency/log-histogram.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import { addReplayedItem, noPrecisionReplay } from '../statistics/replay/precision-betting.ts'
import type { PrecisionReplay } from '../statistics/replay/precision-betting.ts'
import type { ShareLimit } from '../statistics/replay/early-stop.ts'
import type { Variant } from '../counter/outcome.ts'
import { addJoined, noVocabulary } from '../counter/vocabulary.ts'
import type { Vocabulary } from '../counter/vocabulary.ts'
import { isRight } from '../counter/predicted-class.ts'

/** The answer of one arm to an item. */
export interface ItemAnswer {
  /** Undefined for an error. */
  readonly predicted: string | undefined
  /** Undefined if a request had several items. */
  readonly latencyMs: number | undefined
}

/** The label of an item and the answers to it. */
export interface ReplayedPair {
  readonly label: string
  readonly canary: ItemAnswer
  readonly primary: ItemAnswer | undefined
}

/** Items that exactly one arm got wrong. */
export interface Discordant {
  /** Items that both arms answered; absent in progress of earlier versions. */
  readonly pairs?: number
  readonly onlyCanaryBad: number
  readonly onlyPrimaryBad: number
}

/** The counts of a replay so far. Plain JSON. */
export interface ReplayTally {
  readonly seen: number
  readonly errors: number
  readonly right: number
  readonly truePositives: number
  readonly falsePositives: number
  readonly falseNegatives: number
  /** Items seen whose label is positive, and errors among them. */
  readonly positives: number
  readonly positiveErrors: number
  readonly pairs: Readonly<Record<'accuracy' | 'recall' | 'error-rate', Discordant>>
  /** The canary's latencies and how many items were slower than a threshold, errors among them. */
  readonly latencies: LogHistogram
  readonly timed: number
  readonly slower: Readonly<Record<string, number>>
  /** The values of predictions and labels, of each arm; absent in progress of earlier versions. */
  readonly vocabularies?: Readonly<Record<Variant, Vocabulary>>
  /** The state of the bets on precision, for an early stop. */
  readonly betting: PrecisionReplay
}

/** How items count. */
export interface TallyRules {
  readonly positive: string
  readonly thresholdsMs: readonly number[]
  /** Undefined if precision has no limit. */
  readonly precision: (ShareLimit & { readonly total: number }) | undefined
}

const noPairs: Discordant = { pairs: 0, onlyCanaryBad: 0, onlyPrimaryBad: 0 }

/** The tally before the first item. */
export const noTally: ReplayTally = {
  seen: 0,
  errors: 0,
  right: 0,
  truePositives: 0,
  falsePositives: 0,
  falseNegatives: 0,
  positives: 0,
  positiveErrors: 0,
  pairs: { accuracy: noPairs, recall: noPairs, 'error-rate': noPairs },
  latencies: [],
  timed: 0,
  slower: {},
  betting: noPrecisionReplay
}

/** Adds an item to a tally. An error has no prediction; it counts in error-rate and in latency. */
export function addItem(tally: ReplayTally, pair: ReplayedPair, rules: TallyRules): ReplayTally {
  const { label, canary } = pair
  const isPositive = label === rules.positive
  const { predicted } = canary
  const isError = predicted === undefined
  const calledPositive = predicted === rules.positive
  const count = (is: boolean) => (is ? 1 : 0)
  return {
    seen: tally.seen + 1,
    errors: tally.errors + count(isError),
    right: tally.right + count(!isError && isRight(predicted, label, rules.positive)),
    truePositives: tally.truePositives + count(calledPositive && isPositive),
    falsePositives: tally.falsePositives + count(calledPositive && !isPositive),
    falseNegatives: tally.falseNegatives + count(!isError && !calledPositive && isPositive),
    positives: tally.positives + count(isPositive),
    positiveErrors: tally.positiveErrors + count(isPositive && isError),
    pairs: addPairs(tally.pairs, pair, rules.positive),
    ...addLatency(tally, canary, rules.thresholdsMs),
    vocabularies: addWords(tally.vocabularies, pair, rules.positive),
    betting: addBet(tally.betting, { calledPositive, isPositive }, rules)
  }
}

function addWords(
  known: ReplayTally['vocabularies'],
  { label, canary, primary }: ReplayedPair,
  positive: string
): Readonly<Record<Variant, Vocabulary>> {
  const learn = (own = noVocabulary, predicted: string | undefined) =>
    predicted === undefined ? own : addJoined(own, { predicted, label }, positive)
  return {
    canary: learn(known?.canary, canary.predicted),
    primary: learn(known?.primary, primary?.predicted)
  }
}

function addPairs(
  pairs: ReplayTally['pairs'],
  { label, canary, primary }: ReplayedPair,
  positive: string
): ReplayTally['pairs'] {
  if (primary === undefined) return pairs
  const [one, other] = [canary.predicted, primary.predicted]
  const errors = addPair(pairs['error-rate'], one === undefined, other === undefined)
  if (one === undefined || other === undefined) return { ...pairs, 'error-rate': errors }
  const wrong = [one, other].map(predicted => !isRight(predicted, label, positive))
  const isPositive = label === positive
  return {
    'error-rate': errors,
    accuracy: addPair(pairs.accuracy, wrong[0] ?? false, wrong[1] ?? false),
    recall: isPositive ? addPair(pairs.recall, one !== positive, other !== positive) : pairs.recall
  }
}

/** Returns the number of items that both arms answered, or at least of those that are known. */
export function pairsOf({ pairs, onlyCanaryBad, onlyPrimaryBad }: Discordant): number {
  return pairs ?? onlyCanaryBad + onlyPrimaryBad
}

function addPair(pairs: Discordant, canaryBad: boolean, primaryBad: boolean): Discordant {
  const { onlyCanaryBad, onlyPrimaryBad } = pairs
  const count = (is: boolean) => (is ? 1 : 0)
  return {
    pairs: pairsOf(pairs) + 1,
    onlyCanaryBad: onlyCanaryBad + count(canaryBad && !primaryBad),
    onlyPrimaryBad: onlyPrimaryBad + count(primaryBad && !canaryBad)
  }
}

function addLatency(
  { latencies, timed, slower }: ReplayTally,
  { predicted, latencyMs }: ItemAnswer,
  thresholdsMs: readonly number[]
): Pick<ReplayTally, 'latencies' | 'timed' | 'slower'> {
  const isError = predicted === undefined
  if (latencyMs === undefined && !isError) return { latencies, timed, slower }
  const counts = new Map(latencies)
  if (latencyMs !== undefined && !isError) {
    const bucket = bucketOf(latencyMs)
    counts.set(bucket, (counts.get(bucket) ?? 0) + 1)
  }
  const isSlow = (thresholdMs: number) => isError || (latencyMs ?? 0) > thresholdMs
  return {
    latencies: [...counts].sort(([a], [b]) => a - b),
    timed: timed + 1,
    slower: Object.fromEntries(
      thresholdsMs.map(each => [each, (slower[String(each)] ?? 0) + (isSlow(each) ? 1 : 0)])
    )
  }
}

function addBet(
  betting: PrecisionReplay,
  {
    calledPositive,
    isPositive
  }: { readonly calledPositive: boolean; readonly isPositive: boolean },
  { precision }: TallyRules
): PrecisionReplay {
  if (precision === undefined) return betting
  const item = isPositive ? 'true-positive' : 'false-positive'
  return addReplayedItem(betting, calledPositive ? item : 'predicted-negative', precision)
}
