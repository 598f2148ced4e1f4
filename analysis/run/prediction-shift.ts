import { ClassBook, otherClasses } from '../counter/class-book.ts'
import { blockStart } from '../counter/grid.ts'
import type { Grid } from '../counter/grid.ts'
import type { CellChange } from '../counter/series.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { ShiftedClass } from '../judge/counts.ts'
import { addCounts, noCounts } from '../statistics/counts.ts'
import type { Block } from '../statistics/counts.ts'
import {
  addDispersionWindow,
  dispersionOf,
  noDispersion
} from '../statistics/sampling/dispersion.ts'
import {
  addShiftBlock,
  noShift,
  shiftEvidence,
  shiftTest
} from '../statistics/shift/shift-evidence.ts'
import type { ShiftState, ShiftTest } from '../statistics/shift/shift-evidence.ts'

interface ComparedClass {
  readonly name: string
  readonly state: ShiftState
  /** The sum of the compared blocks; predictions of the class are "bad". */
  readonly sum: Block
  readonly dispersion: Readonly<Record<'canary' | 'primary', typeof noDispersion>>
}

/** How often canary and primary predict each class, block by block (docs/statistics/shift.md). */
export class PredictionShift {
  readonly #test: ShiftTest
  readonly #book: ClassBook
  #classes: readonly ComparedClass[] | undefined

  /** Returns the shift that an analysis asks about; undefined if none of its objectives does. */
  static of({ objectives, classes }: Analysis): PredictionShift | undefined {
    const [tolerance] = objectives.flatMap(({ oddsTolerance }) => oddsTolerance ?? [])
    return tolerance === undefined ? undefined : new PredictionShift(tolerance, classes)
  }

  /**
   * @param tolerance the odds ratio that is no shift
   * @param declared all classes; undefined if they are to be found
   */
  constructor(tolerance: number, declared: readonly string[] | undefined) {
    this.#test = shiftTest(tolerance)
    this.#book = new ClassBook(declared)
  }

  /** Whether the primary predicts more classes than are compared. */
  get isOverfull(): boolean {
    return this.#book.isOverfull
  }

  /**
   * Returns how a change of the counter of all predictions changes that of one class.
   *
   * @param predicted undefined for a prediction without a class
   */
  changeOf(
    grid: Grid,
    predicted: string | undefined,
    { variant, cellMs, events, bad, onTimeEvents, onTimeBad }: CellChange
  ): { readonly counter: string; readonly change: CellChange } | undefined {
    const added = onTimeEvents - onTimeBad
    if (predicted === undefined || added === 0) return undefined
    const change: CellChange = {
      variant,
      cellMs: blockStart(grid, cellMs),
      countsFromMs: 0,
      events: events - bad,
      bad: 0,
      onTimeEvents: added,
      onTimeBad: 0
    }
    return { counter: this.#book.counterOf(predicted, change), change }
  }

  /** Adds a change of {@link changeOf}; those of other counters are ignored. */
  add(counter: string, change: CellChange): void {
    this.#book.add(counter, change)
  }

  /** Compares a closed block. Call it once per block, in order. */
  close(startMs: number): void {
    const blocks = this.#book.close(startMs)
    if (blocks === undefined) return
    const known = new Map(this.#classes?.map(each => [each.name, each]))
    this.#classes = [...blocks].map(([name, block]) =>
      this.#compare(known.get(name) ?? this.#nothing(name), block)
    )
  }

  /** Returns what is known about each class; undefined before a block with events of both arms. */
  classes(isDispersionCorrected: boolean): readonly ShiftedClass[] | undefined {
    return this.#classes?.map(({ name, state, sum, dispersion }) => {
      const { canary, primary } = dispersion
      const divisor = isDispersionCorrected ? dispersionOf([canary, primary]) : 1
      return {
        name: name === otherClasses ? undefined : name,
        ...sum,
        ...shiftEvidence(state, this.#test, divisor)
      }
    })
  }

  #nothing(name: string): ComparedClass {
    return {
      name,
      state: noShift(this.#test),
      sum: { canary: noCounts, primary: noCounts },
      dispersion: { canary: noDispersion, primary: noDispersion }
    }
  }

  #compare({ name, state, sum, dispersion }: ComparedClass, block: Block): ComparedClass {
    const { canary, primary } = block
    return {
      name,
      state: addShiftBlock(state, block, this.#test),
      sum: { canary: addCounts(sum.canary, canary), primary: addCounts(sum.primary, primary) },
      dispersion: {
        canary: addDispersionWindow(dispersion.canary, canary),
        primary: addDispersionWindow(dispersion.primary, primary)
      }
    }
  }
}
