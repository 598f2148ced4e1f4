import type { RankedEvent } from '../counter/rank-book.ts'
import type { MeanEvidence, ObjectiveCounts } from '../judge/counts.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { Objective } from '../settings/objective.ts'
import { noCounts } from '../statistics/counts.ts'
import {
  addBounded,
  boundedEvidence,
  noBoundedEvidence
} from '../statistics/rate/bounded-evidence.ts'
import { lostByPairs } from '../statistics/ranking/disjoint-pairs.ts'

/** More clusters of an analysis are not observed. */
const maxClusters = 100_000

/** Judges an area under the ROC curve by pairs of a positive and a negative, block by block. */
export class RankedObjective {
  readonly #limit: { readonly limit: number; readonly margin: number }
  readonly #seen = new Set<string>()
  #evidence = noBoundedEvidence
  #pairs = 0
  #lost = 0

  constructor({ reference, margin }: Objective) {
    this.#limit = { limit: reference.kind === 'primary' ? 1 : reference.badRatio, margin }
  }

  /** Adds the predictions of a closed block in the order of their keys; call it once per block, in order. */
  add(events: readonly RankedEvent[]): void {
    const labelled = events.flatMap(({ score, isPositive, cluster }) =>
      isPositive === null || !this.#isFirst(cluster) ? [] : [{ score, isPositive }]
    )
    for (const lost of lostByPairs(labelled)) {
      this.#pairs += 1
      this.#lost += lost
      this.#evidence = addBounded(this.#evidence, lost, this.#limit)
    }
  }

  /** Returns what is judged of the counts of predictions with a label and a score. */
  countsFrom(counts: ObjectiveCounts, labels: Analysis['labels']): ObjectiveCounts {
    const { predictions, labelled } = counts.labels?.canary ?? { predictions: 0, labelled: 0 }
    const missing = predictions - labelled
    return {
      ...counts,
      canaryAtBest: undefined,
      canaryAtWorst: undefined,
      canary: { events: this.#pairs, bad: this.#lost },
      primary: noCounts,
      dispersion: 1,
      mean: this.#meanEvidence(),
      ...(labels === 'all' && missing > 0
        ? {
            undecided: `${missing} of ${predictions} predictions have no label or no score; labels: sampled judges the others`
          }
        : {})
    }
  }

  #meanEvidence(): MeanEvidence {
    const { lnEFail, lnEPass } = boundedEvidence(this.#evidence)
    const tests = [
      { direction: 'above', side: 'fail', lnE: lnEFail },
      { direction: 'above', side: 'pass', lnE: lnEPass }
    ] as const
    return { lnEFail, lnEPass, tests }
  }

  /** Outcomes of one user depend on one another, so that a cluster counts once in a run. */
  #isFirst(cluster: string | null): boolean {
    if (cluster === null) return true
    if (this.#seen.has(cluster) || this.#seen.size >= maxClusters) return false
    this.#seen.add(cluster)
    return true
  }
}
