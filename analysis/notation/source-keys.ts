import type { NotationKey } from './key.ts'

/** The keys of the sources, each of which reads its own. */
export const sourceKeys: readonly NotationKey[] = []
