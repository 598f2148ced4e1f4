import { contentHistory } from '../../plugin/origin/content-history.ts'
import type { ContentHistory, SourceSelection } from '../../plugin/origin/source-selection.ts'

/** A selection of all files below some folders, or of some files. */
export const everySource = (...roots: readonly string[]): SourceSelection => ({
  roots,
  decide: () => 'source',
  reaches: () => true,
  isSource: () => false,
  values: undefined
})

/** The history of a model that is made of all files below `src`. */
export const historyOf = (
  root: string,
  commit: string,
  selection: SourceSelection = everySource('src')
): Promise<ContentHistory> => contentHistory({ root, commit, settings: [] }, selection)
