import type { Machine } from './machine.ts'
import type { Points } from './points.ts'

/** The input of a suite. */
export interface SuiteInput {
  readonly machine: Machine
  readonly points: Points
}

/** Tests one part against its real host; reports each point as it ends. */
export type Suite = (input: SuiteInput) => Promise<void>
