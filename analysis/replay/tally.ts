import { bucketOf } from '../statistics/latency/log-histogram.ts'
import type { LogHistogram } from '../statistics/latency/log-histogram.ts'
import { addReplayedItem, noPrecisionReplay } from '../statistics/replay/precision-betting.ts'
import type { PrecisionReplay } from '../statistics/replay/precision-betting.ts'
import type { ShareLimit } from '../statistics/replay/early-stop.ts'
import type { Variant } from '../counter/outcome.ts'
import { addJoined, noVocabulary } from '../counter/vocabulary.ts'
import type { Vocabulary } from '../counter/vocabulary.ts'
import type { Counter } from '../counter/counter.ts'
import { distanceIn } from '../counter/mean.ts'
import type { Direction, MeanOf } from '../counter/mean.ts'
import { addToNumbers, noNumbers } from '../counter/number-tally.ts'
import type { NumberTally } from '../counter/number-tally.ts'
import { summable } from '../statistics/exact-sum.ts'
import { addReplayedValue, noMeanReplay } from '../statistics/replay/mean-betting.ts'
import type { MeanLimit, MeanReplay } from '../statistics/replay/mean-betting.ts'
import { addCounted, isWrongAnswer } from './counted-items.ts'
import type { CountedItems, ItemRules } from './counted-items.ts'
import type { ItemAnswer } from './item-answer.ts'
import { addRanked, noRanked } from './ranked-items.ts'
import type { RankedItems } from './ranked-items.ts'

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
  /** What counters of other metrics counted, and labels by class; absent in progress of earlier versions. */
  readonly counted?: CountedItems
  readonly labels?: Readonly<Record<string, number>>
  readonly means?: Readonly<Record<string, MeanReplay>>
  readonly ranked?: RankedItems
  readonly numbers?: NumberTally
}

interface MeanTest {
  readonly of: MeanOf
  readonly direction: Direction
}

/** How items count. */
export interface TallyRules extends ItemRules {
  /** Of metrics that are not counted for every replay. */
  readonly counters: readonly Counter[]
  /** Classes whose labels are counted. */
  readonly classes: readonly string[]
  /** Tests of means by name. */
  readonly means: readonly (MeanLimit & MeanTest)[]
  /** Whether scores are paired. */
  readonly isRanked: boolean
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
    right: tally.right + count(!isError && !isWrongAnswer(label, predicted, rules)),
    truePositives: tally.truePositives + count(calledPositive && isPositive),
    falsePositives: tally.falsePositives + count(calledPositive && !isPositive),
    falseNegatives: tally.falseNegatives + count(!isError && !calledPositive && isPositive),
    positives: tally.positives + count(isPositive),
    positiveErrors: tally.positiveErrors + count(isPositive && isError),
    pairs: addPairs(tally.pairs, pair, rules),
    ...addLatency(tally, canary, rules.thresholdsMs),
    vocabularies: addWords(tally.vocabularies, pair, rules.positive),
    betting: addBet(tally.betting, { calledPositive, isPositive }, rules),
    ...addOthers(tally, pair, rules)
  }
}

/** Adds what only some metrics need. */
function addOthers(
  { counted = {}, labels = {}, means = {}, ranked, numbers = noNumbers }: ReplayTally,
  { label, canary }: ReplayedPair,
  rules: TallyRules
): Pick<ReplayTally, 'counted' | 'labels' | 'means' | 'ranked' | 'numbers'> {
  const { predicted, score } = canary
  const isClass = rules.classes.includes(label)
  const added = {
    counted: addCounted(counted, { label, answer: canary }, { counters: rules.counters, rules }),
    labels: isClass ? { ...labels, [label]: (labels[label] ?? 0) + 1 } : labels
  }
  const known = { ...added, means, numbers, ...(ranked === undefined ? {} : { ranked }) }
  if (predicted === undefined) return known
  const isPositive = label === rules.positive
  return {
    ...known,
    means: addMeans(means, { label, predicted }, rules),
    numbers: addToNumbers(numbers, { predicted, label }),
    ...(rules.isRanked && score !== undefined
      ? { ranked: addRanked(ranked ?? noRanked, { score, isPositive }) }
      : {})
  }
}

function addMeans(
  known: NonNullable<ReplayTally['means']>,
  { label, predicted }: { readonly label: string; readonly predicted: string },
  rules: TallyRules
): NonNullable<ReplayTally['means']> {
  if (rules.means.length === 0) return known
  const added = rules.means.map(test => {
    const name = `${test.of}:${test.direction}`
    const value = distanceIn(test.direction, test.of, { predicted, label }, rules) ?? 1
    return [name, addReplayedValue(known[name] ?? noMeanReplay, summable(value), test)] as const
  })
  return Object.fromEntries(added)
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
  rules: TallyRules
): ReplayTally['pairs'] {
  if (primary === undefined) return pairs
  const [one, other] = [canary.predicted, primary.predicted]
  const errors = addPair(pairs['error-rate'], one === undefined, other === undefined)
  if (one === undefined || other === undefined) return { ...pairs, 'error-rate': errors }
  const wrong = [one, other].map(predicted => isWrongAnswer(label, predicted, rules))
  const { positive } = rules
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
