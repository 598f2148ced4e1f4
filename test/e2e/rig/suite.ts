import type { Machine } from './machine.ts'
import type { Points } from './points.ts'

/** What a suite is given. */
export interface SuiteInput {
  readonly machine: Machine
  readonly points: Points
}

/** Proves what one part promises in front of its real host; its points are told one by one. */
export type Suite = (input: SuiteInput) => Promise<void>
