import type { Block } from '../../analysis/statistics/counts.ts'
import type { Random } from './random.ts'

/** What a rollout sees, interval by interval: `next` draws the blocks of one kind of event at a time. */
export type World = (random: Random) => (interval: number) => readonly Block[]

/** A rule that watches one rollout, and returns true once it would act. */
export interface Rule {
  readonly name: string
  readonly start: () => (blocks: readonly Block[]) => boolean
}

/** How often a rule acted, and when. */
export interface Share {
  /** In percent of the rollouts. */
  readonly percent: number
  /** The median interval of those in which it acted; 0 for none. */
  readonly median: number
}

/** How many rollouts are simulated, for how many looks each, from which seed. */
export interface Simulation {
  readonly reps: number
  readonly looks: number
  readonly random: Random
  /** Intervals before the canary starts, shown to the rules with an interval below 0; 0 by default. */
  readonly before?: number
}

/** Each rule's share of rollouts of a world in which it acts at some look. All see the same data. */
export function watch(world: World, rules: readonly Rule[], simulation: Simulation): Share[] {
  const acted = rules.map((): number[] => [])
  const { reps, looks, random, before = 0 } = simulation
  for (let rep = 0; rep < reps; rep++) {
    const next = world(random)
    const waiting = new Map(rules.map((rule, at) => [at, rule.start()]))
    for (let interval = -before; interval < looks && waiting.size > 0; interval++) {
      const blocks = next(interval)
      for (const [at, look] of waiting) {
        if (!look(blocks)) continue
        acted[at]?.push(interval + 1)
        waiting.delete(at)
      }
    }
  }
  return acted.map(intervals => ({
    percent: (100 * intervals.length) / reps,
    median: intervals.sort((a, b) => a - b)[Math.floor(intervals.length / 2)] ?? 0
  }))
}
