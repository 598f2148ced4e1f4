import type { Analysis } from '../settings/analysis.ts'
import { variants } from '../counter/outcome.ts'
import { noVocabulary, vocabularyProblem } from '../counter/vocabulary.ts'
import { isNumber } from '../counter/mean.ts'
import { noNumbers, notNumbersProblem } from '../counter/number-tally.ts'
import { comparedAs } from '../settings/compared-as.ts'
import { SourceDown } from '../source/exchange.ts'
import { randomOrder } from '../statistics/replay/random-order.ts'
import { askModel } from './ask-model.ts'
import type { AskRules, ModelServer } from './ask-model.ts'
import { isReplayDecided } from './judge-replay.ts'
import type { LabelledItem, LabelledSet } from './labelled-set.ts'
import type { ReplayProgress } from './progress.ts'
import { seededRandom } from './seeded-random.ts'
import { addItem, noTally } from './tally.ts'
import type { ReplayedPair, ReplayTally } from './tally.ts'
import { tallyRules } from './tally-rules.ts'

/** What a replay uses. */
export interface ReplayOptions {
  readonly analysis: Analysis
  readonly set: LabelledSet
  readonly canary: ModelServer
  readonly primary: ModelServer | undefined
  readonly ask: AskRules
  /** Stored progress on this set or another one; undefined if there is none. */
  readonly before: ReplayProgress | undefined
  /** Stores progress; false ends the replay. */
  readonly save: (progress: ReplayProgress) => boolean
}

/** Rounds of requests in one part, after which progress is stored and judged. */
const roundsAPart = 8

/**
 * Sends a labelled set in its seeded order, part by part, until the verdict is decided. An interrupted replay
 * continues from its stored progress, unless the set has changed.
 *
 * @throws {SourceDown}
 */
export async function replay(options: ReplayOptions): Promise<void> {
  const { analysis, set, ask, before, save } = options
  const { batch, concurrency, seed, warmup } = ask.settings
  const order = randomOrder(set.items.length, seededRandom(seed))
  const positives = set.items.filter(({ label }) => label === analysis.positive).length
  const rules = tallyRules(analysis, set.items.length)
  const classes = Object.fromEntries(
    rules.classes.map(each => [each, set.items.filter(({ label }) => label === each).length])
  )
  const facts = { digest: set.digest, total: set.items.length, positives, classes }
  checkLabels(analysis, set)
  let tally: ReplayTally = before?.digest === set.digest ? before.tally : noTally
  await warm(options, order.slice(0, warmup))
  const part = batch * concurrency * roundsAPart
  while (tally.seen < order.length) {
    const items = itemsAt(set, order.slice(tally.seen, tally.seen + part))
    const pairs = await askAll(options, items)
    tally = pairs.reduce((sum, pair) => addItem(sum, pair, rules), tally)
    checkVocabularies(analysis, tally)
    const progress = { ...facts, tally, isDone: false }
    const isDone = isReplayDecided(analysis, progress)
    if (!save({ ...progress, isDone }) || isDone) return
  }
  save({ ...facts, tally, isDone: true })
}

/** @throws {SourceDown} if predictions cannot be compared with labels: that is no verdict */
function checkVocabularies(analysis: Analysis, tally: ReplayTally): void {
  const { objectives, replay: settings } = analysis
  const kinds = new Set(objectives.map(({ metric }) => comparedAs(metric, analysis)))
  const problems = [
    ...(kinds.has('classes')
      ? variants.map(variant =>
          vocabularyProblem(tally.vocabularies?.[variant] ?? noVocabulary, settings?.classes)
        )
      : []),
    kinds.has('numbers') ? notNumbersProblem(tally.numbers ?? noNumbers, 1) : undefined,
    objectives.some(({ metric }) => metric === 'auc') && hasNoScores(tally) ? noScores : undefined
  ]
  const problem = problems.find(each => each !== undefined)
  if (problem !== undefined) throw new SourceDown(problem)
}

function hasNoScores({ seen, errors, ranked }: ReplayTally): boolean {
  return seen > errors && ranked === undefined
}

const noScores =
  'predictions are classes, and auc needs scores: choose an output that is one, and give threshold or classes'

/** @throws {SourceDown} if labels are no numbers where numbers are compared */
function checkLabels(analysis: Analysis, { items }: LabelledSet): void {
  const isOfNumbers = analysis.objectives.some(
    ({ metric }) => comparedAs(metric, analysis) === 'numbers'
  )
  const other = isOfNumbers ? items.find(({ label }) => !isNumber(label)) : undefined
  if (other === undefined) return
  const shown = JSON.stringify(other.label.slice(0, 40))
  throw new SourceDown(`the labelled set has the label ${shown}, which is not a number`)
}

function itemsAt({ items }: LabelledSet, positions: readonly number[]): readonly LabelledItem[] {
  return positions.flatMap(position => items[position] ?? [])
}

/** Sends items that do not count: a server's first responses are slow. */
async function warm(options: ReplayOptions, positions: readonly number[]): Promise<void> {
  for (const item of itemsAt(options.set, positions)) {
    await askBoth(options, [item])
  }
}

/** Sends items with several concurrent requests, and returns the answers in their order. */
async function askAll(
  options: ReplayOptions,
  items: readonly LabelledItem[]
): Promise<readonly ReplayedPair[]> {
  const { batch, concurrency } = options.ask.settings
  const batches = Array.from({ length: Math.ceil(items.length / batch) }, (_, at) =>
    items.slice(at * batch, (at + 1) * batch)
  )
  const answered: (readonly ReplayedPair[])[] = batches.map(() => [])
  const waiting = batches.entries()
  const work = async () => {
    for (const [at, own] of waiting) answered[at] = await askBoth(options, own)
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, batches.length) }, work))
  return answered.flat()
}

async function askBoth(
  { canary, primary, ask }: ReplayOptions,
  items: readonly LabelledItem[]
): Promise<readonly ReplayedPair[]> {
  const [own, other] = await Promise.all([
    askModel(canary, items, ask),
    primary === undefined ? undefined : askModel(primary, items, ask)
  ])
  return items.flatMap(({ label }, at) => {
    const answer = own[at]
    return answer === undefined ? [] : [{ label, canary: answer, primary: other?.[at] }]
  })
}
