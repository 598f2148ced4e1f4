import type { LiveObjectives } from './live-objectives.ts'
import type { Objectives } from './objectives.ts'

const pollMs = 2_000

/** Those of a folder, which is looked at every two seconds. */
export function folderObjectives(live: LiveObjectives): Objectives {
  let timer: NodeJS.Timeout | undefined
  return {
    find: rollout => live.find(rollout),
    block: () => undefined,
    judged: () => undefined,
    checks: {},
    start: () => {
      timer = setInterval(() => {
        live.look()
      }, pollMs)
    },
    stop: () => {
      clearInterval(timer)
      return Promise.resolve()
    }
  }
}
