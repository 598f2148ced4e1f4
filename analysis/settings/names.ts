import type { Analysis } from './analysis.ts'

/** Returns the model, its commit and its digest of a run: of the first analysis that gives them. */
export function namesOf(analyses: readonly Analysis[]): {
  readonly model: string | undefined
  readonly commit: string | undefined
  readonly digest: string | undefined
} {
  return {
    model: analyses.find(({ model }) => model !== undefined)?.model,
    commit: analyses.find(({ commit }) => commit !== undefined)?.commit,
    digest: analyses.find(({ digest }) => digest !== undefined)?.digest
  }
}
