import type { ObjectiveVerdict } from './verdict.ts'

/** The part of a verdict on an objective that changes over time: its trace. */
export type TracedObjective = Pick<
  ObjectiveVerdict,
  'verdict' | 'events' | 'bad' | 'estimate' | 'confidence' | 'lnEFail' | 'lnEPass' | 'primary'
>

/** Returns the traced part of a verdict. */
export function tracedObjective(objective: ObjectiveVerdict): TracedObjective {
  const { verdict, events, bad, estimate, confidence, lnEFail, lnEPass, primary } = objective
  const own = { verdict, events, bad, estimate, confidence, lnEFail, lnEPass }
  return primary === undefined ? own : { ...own, primary }
}
