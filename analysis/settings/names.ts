import type { Analysis } from './analysis.ts'

/** What the analyses of a run say that is rolled out: the first that says it. */
export function namesOf(analyses: readonly Analysis[]): {
  readonly model: string | undefined
  readonly commit: string | undefined
} {
  return {
    model: analyses.find(({ model }) => model !== undefined)?.model,
    commit: analyses.find(({ commit }) => commit !== undefined)?.commit
  }
}
