import type { Block, RateCounts } from '../statistics/counts.ts'
import { variants } from './outcome.ts'
import type { Variant } from './outcome.ts'
import type { CellChange } from './series.ts'

/** More classes are not compared: each takes its share of alpha. */
export const maxClasses = 50

/** The name of all classes that are not compared one by one; no class has it. */
export const otherClasses = '\u0000other'

const prefix = 'class:'
const otherCounter = 'class-other'
const lostCounter = 'class-lost'

interface Arm {
  readonly byClass: Map<string, number>
  /** Predictions of classes that are not compared. */
  other: number
  /** Predictions of classes for which there was no room: whether they are compared is unknown. */
  lost: number
}

type Arms = Readonly<Record<Variant, Arm>>

/**
 * How often each class was predicted in the open blocks of one analysis. The classes that are compared are those
 * that were declared; else those of the first closed block of the primary, and one for all others
 * (docs/statistics/shift.md#which-classes).
 */
export class ClassBook {
  readonly #isDeclared: boolean
  readonly #open = new Map<number, Arms>()
  #named: ReadonlySet<string> | undefined
  #isOverfull = false

  /** @param declared all classes; undefined if they are to be found */
  constructor(declared: readonly string[] | undefined) {
    this.#isDeclared = declared !== undefined
    this.#named = declared && new Set(declared)
  }

  /** The classes that are compared; undefined before they are known. */
  get classes(): readonly string[] | undefined {
    return this.#named && [...this.#named, ...(this.#isDeclared ? [] : [otherClasses])]
  }

  /** Whether the primary predicted more classes in one block than are compared. */
  get isOverfull(): boolean {
    return this.#isOverfull
  }

  /** Returns the name of the counter of a prediction in a block. Keeps room for its class. */
  counterOf(predicted: string, { variant, cellMs }: CellChange): string {
    if (this.#named !== undefined) {
      return this.#named.has(predicted) ? prefix + predicted : otherCounter
    }
    const { byClass } = this.#blockOf(cellMs)[variant]
    if (!byClass.has(predicted)) {
      if (byClass.size >= maxClasses) return lostCounter
      byClass.set(predicted, 0)
    }
    return prefix + predicted
  }

  /** Adds a change of a counter of {@link counterOf}. Only what came in time is compared. */
  add(counter: string, { variant, cellMs, onTimeEvents }: CellChange): void {
    if (onTimeEvents === 0) return
    const arm = this.#blockOf(cellMs)[variant]
    if (counter === otherCounter) arm.other += onTimeEvents
    else if (counter === lostCounter) arm.lost += onTimeEvents
    else if (counter.startsWith(prefix)) {
      const name = counter.slice(prefix.length)
      arm.byClass.set(name, (arm.byClass.get(name) ?? 0) + onTimeEvents)
    }
  }

  /**
   * Closes a block, and returns how often each class that is compared was predicted in it. Undefined for the block
   * that the classes are found by, and for one with too many classes. Call it once per block, in order.
   */
  close(startMs: number): ReadonlyMap<string, Block> | undefined {
    const arms = this.#open.get(startMs)
    this.#open.delete(startMs)
    if (arms === undefined) return undefined
    const { classes } = this
    if (classes === undefined) {
      this.#find(arms.primary)
      return undefined
    }
    if (variants.some(variant => arms[variant].lost > 0)) return undefined
    const block = (name: string): Block => ({
      canary: this.#countsOf(name, arms.canary),
      primary: this.#countsOf(name, arms.primary)
    })
    return new Map(classes.map(name => [name, block(name)]))
  }

  #find({ byClass, lost }: Arm): void {
    const found = [...byClass].flatMap(([name, count]) => (count > 0 ? [name] : []))
    this.#isOverfull = lost > 0
    if (found.length > 0 && lost === 0) this.#named = new Set(found.sort())
  }

  #countsOf(name: string, { byClass, other }: Arm): RateCounts {
    const named = this.#named ?? new Set()
    let [all, others] = [other, other]
    for (const [each, count] of byClass) {
      all += count
      if (!named.has(each)) others += count
    }
    return { events: all, bad: name === otherClasses ? others : (byClass.get(name) ?? 0) }
  }

  #blockOf(startMs: number): Arms {
    const known = this.#open.get(startMs)
    if (known !== undefined) return known
    const arm = (): Arm => ({ byClass: new Map(), other: 0, lost: 0 })
    const created = { primary: arm(), canary: arm() }
    this.#open.set(startMs, created)
    return created
  }
}
