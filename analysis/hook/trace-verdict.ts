import { blockStart } from '../counter/grid.ts'
import type { ObjectiveVerdict, RunVerdict } from '../judge/verdict.ts'
import type { LiveAnalysis } from '../run/rollouts.ts'
import type { Store, TracedObjective } from '../store/store.ts'

/** Keeps what a hook was answered by, once a block: the page shows how evidence grew. */
export function traceVerdict(
  store: Pick<Store, 'putTrace'>,
  { row, state }: LiveAnalysis,
  { verdict, objectives }: RunVerdict,
  atMs: number
): void {
  const point = { atMs, verdict, objectives: objectives.map(tracedObjective) }
  store.putTrace(row.id, blockStart(state.analysis, atMs), point)
}

/** The part of a verdict that changes over time. */
export function tracedObjective(objective: ObjectiveVerdict): TracedObjective {
  const { verdict, events, bad, estimate, confidence, lnEFail, lnEPass } = objective
  return { verdict, events, bad, estimate, confidence, lnEFail, lnEPass }
}
