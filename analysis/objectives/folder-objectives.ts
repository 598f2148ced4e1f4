import { noWords } from '../canary/canary-words.ts'
import type { LiveObjectives } from './live-objectives.ts'
import type { Objectives } from './objectives.ts'

const pollMs = 2_000

/** Objectives of a folder that is read again every two seconds. */
export function folderObjectives(live: LiveObjectives): Objectives {
  let timer: NodeJS.Timeout | undefined
  return {
    find: rollout => live.find(rollout),
    words: () => noWords,
    block: () => undefined,
    isByMatch: () => false,
    judged: () => undefined,
    checks: {},
    start: () => {
      timer = setInterval(() => {
        live.reload()
      }, pollMs)
    },
    stop: () => {
      clearInterval(timer)
      return Promise.resolve()
    }
  }
}
