import type { CommitPin } from '../source-selection.ts'
import type { CommitLog } from './commit-log.ts'
import { sameness } from './same-sources.ts'

/**
 * What a history says about a tag. Only ancestors count, so that the answer is the same in every clone: a
 * commit of another branch, or a file, whose ID starts with the same digits does not make a tag ambiguous.
 *
 * @param isCutOff ancestors are missing, so that fewer digits than all can mean one of them
 */
export function pinOf(
  tag: string,
  log: CommitLog,
  { states, isCutOff }: { readonly states: Uint8Array; readonly isCutOff: boolean }
): CommitPin {
  const commit = /^[0-9a-f]{7,}$/.test(tag) ? ancestorOf(tag, log, isCutOff) : undefined
  return {
    tag,
    commit: commit === undefined ? undefined : log.commits.texts[commit],
    isAncestor: commit !== undefined,
    hasSameSources: commit !== undefined && states[commit] === sameness.same
  }
}

function ancestorOf(tag: string, log: CommitLog, isCutOff: boolean): number | undefined {
  const whole = log.commits.find(tag)
  if (whole !== undefined || isCutOff) return whole
  const first = log.commits.texts.findIndex(id => id.startsWith(tag))
  const isAmbiguous = log.commits.texts.findLastIndex(id => id.startsWith(tag)) !== first
  return first === -1 || isAmbiguous ? undefined : first
}
