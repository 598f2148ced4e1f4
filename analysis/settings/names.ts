import type { Analysis } from './analysis.ts'

/** Returns the model and commit of a run: of the first analysis that gives them. */
export function namesOf(analyses: readonly Analysis[]): {
  readonly model: string | undefined
  readonly commit: string | undefined
} {
  return {
    model: analyses.find(({ model }) => model !== undefined)?.model,
    commit: analyses.find(({ commit }) => commit !== undefined)?.commit
  }
}
