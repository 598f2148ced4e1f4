import { pairCounterNames } from '../counter/counter.ts'
import type { ClosedBlock } from '../counter/series.ts'
import type { ObjectiveCounts } from '../judge/counts.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import type { PairCounts } from '../statistics/comparison/pair-evidence.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { BoundedComparison } from './bounded-comparison.ts'
import type { Counted, CountedLabels } from './counted.ts'
import { PairedComparison } from './paired-comparison.ts'

/** What a comparison with the primary has found. */
export interface ArmsEvidence {
  /** Undefined before a block with events of both arms. */
  readonly evidence: Evidence | undefined
  /** Undefined if requests are not mirrored. */
  readonly pairs: PairCounts | undefined
}

interface Options {
  /** The counters of the objective, its own last. */
  readonly counters: readonly Counted[]
  readonly labels: CountedLabels | undefined
  readonly find: (name: string) => Counted | undefined
}

/**
 * A comparison with the primary. From the first block with a mirrored request on it is one of pairs, and what only one
 * arm got does not count: which of the two it is does not depend on any outcome (docs/statistics/pairs.md).
 */
export class ArmsComparison {
  readonly #arms: BoundedComparison
  readonly #pairs: PairedComparison | undefined

  constructor(
    objective: Objective,
    analysis: Pick<Analysis, 'labels' | 'isDispersionCorrected'>,
    { counters, labels, find }: Options
  ) {
    this.#arms = new BoundedComparison(objective, analysis.labels === 'all' ? labels : undefined)
    const pairs = counters.flatMap(({ ready }) => {
      const names = pairCounterNames(ready.counter, analysis)
      const [fail, pass] = [find(names?.fail ?? ''), find(names?.pass ?? '')]
      return fail === undefined || pass === undefined ? [] : [{ fail, pass }]
    })
    const { margin } = objective
    const isCorrected = analysis.isDispersionCorrected
    this.#pairs =
      pairs.length === 0 ? undefined : new PairedComparison(pairs, { margin, isCorrected })
  }

  /**
   * Adds closed blocks, oldest first.
   *
   * @param mirroredFromMs the start of the first block with a mirrored request; infinite if there is none
   */
  add(
    counters: readonly Counted[],
    closed: ReadonlyMap<Counted, readonly ClosedBlock[]>,
    mirroredFromMs: number
  ): void {
    if (this.#pairs === undefined || !Number.isFinite(mirroredFromMs)) {
      this.#arms.add(counters, closed)
      return
    }
    this.#pairs.add(closed)
    const before = [...closed].map(
      ([counted, blocks]) =>
        [counted, blocks.filter(({ startMs }) => startMs < mirroredFromMs)] as const
    )
    this.#arms.add(counters, new Map(before))
  }

  /** Blocks from before the first pair have their own evidence: that of both parts multiplies. */
  result(dispersion: number): ArmsEvidence {
    const arms = this.#arms.evidence(dispersion)
    const paired = this.#pairs?.result()
    if (paired === undefined || paired.counts.pairs === 0) {
      return { evidence: arms, pairs: undefined }
    }
    const { counts, evidence } = paired
    const lnEFail = evidence.lnEFail + (arms?.lnEFail ?? 0)
    const lnEPass = evidence.lnEPass + (arms?.lnEPass ?? 0)
    return { evidence: { lnEFail, lnEPass }, pairs: counts }
  }
}

/** Returns what an objective is judged by. */
export function comparedCounts(
  compared: ArmsEvidence | undefined
): Pick<ObjectiveCounts, 'comparison' | 'comparisonLacks' | 'pairs'> {
  if (compared === undefined) return { comparison: undefined, comparisonLacks: undefined }
  const { evidence, pairs } = compared
  return {
    comparison: evidence,
    comparisonLacks:
      evidence === undefined
        ? 'no closed block has events of the canary and of the primary'
        : undefined,
    ...(pairs === undefined ? {} : { pairs })
  }
}
