import type { ClosedBlock } from '../counter/series.ts'
import { variants } from '../counter/outcome.ts'
import type { Objective } from '../settings/objective.ts'
import { noCounts } from '../statistics/counts.ts'
import type { Block } from '../statistics/counts.ts'
import type { Evidence } from '../statistics/evidence.ts'
import { blockBounds } from '../statistics/sampling/missing-labels.ts'
import { comparisonOf } from './comparison.ts'
import type { Comparison } from './comparison.ts'
import { labelledCounts, noBlock } from './counted.ts'
import type { Counted, CountedLabels } from './counted.ts'

type ClosedBlocks = ReadonlyMap<Counted, readonly ClosedBlock[]>

/**
 * A comparison with the primary whose bad events are known within bounds: missing labels count for the canary
 * when FAIL is to be proved, and against it when PASS is.
 */
export class BoundedComparison {
  readonly #labels: CountedLabels | undefined
  readonly #fail: Comparison
  readonly #pass: Comparison

  /** @param labels undefined if bad events are known exactly */
  constructor(objective: Objective, labels: CountedLabels | undefined) {
    this.#labels = labels
    this.#fail = comparisonOf(objective)
    this.#pass = labels === undefined ? this.#fail : comparisonOf(objective)
  }

  /** Adds closed blocks, oldest first. */
  add(counters: readonly Counted[], closed: ClosedBlocks): void {
    const labels = this.#labels
    const others = labels === undefined ? [] : [labels.all, labels.positive ?? labels.all]
    const byStart = new Map(
      [...counters, ...others].map(counted => [
        counted,
        new Map((closed.get(counted) ?? []).map(block => [block.startMs, block]))
      ])
    )
    const starts = new Set([...byStart.values()].flatMap(blocks => [...blocks.keys()]))
    for (const startMs of [...starts].sort((a, b) => a - b)) {
      const blockOf = (counted: Counted): Block => byStart.get(counted)?.get(startMs) ?? noBlock
      if (labels === undefined) this.#fail.add(counters.map(blockOf))
      else this.#addBounds(counters, labels, blockOf)
    }
  }

  #addBounds(
    counters: readonly Counted[],
    labels: CountedLabels,
    blockOf: (counted: Counted) => Block
  ): void {
    const own = counters.at(-1)
    if (own === undefined) return
    const [primary, canary] = variants.map(variant =>
      labelledCounts(blockOf(own)[variant], labels, counted => blockOf(counted)[variant])
    )
    const none = { labelled: noCounts, missingGood: 0, missingBad: 0 }
    const { fail, pass } = blockBounds({ canary: canary ?? none, primary: primary ?? none })
    this.#fail.add([fail])
    this.#pass.add([pass])
  }

  /** Undefined before a block with events of both arms. */
  evidence(dispersion: number): Evidence | undefined {
    const fail = this.#fail.evidence(dispersion)
    const pass = this.#pass.evidence(dispersion)
    if (fail === undefined || pass === undefined) return fail ?? pass
    return { lnEFail: fail.lnEFail, lnEPass: pass.lnEPass }
  }
}
