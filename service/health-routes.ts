import { textAnswer } from './http/answer.ts'
import type { Answer } from './http/answer.ts'
import type { Route } from './http/route.ts'
import type { Readiness } from './readiness.ts'

/**
 * `/healthz` (the process answers) and `/readyz`: 200 or 503 with a line for every check, `[+]name ok`
 * or `[-]name: reason`, in the format of the API server's own health pages.
 */
export function healthRoutes(readiness: Readiness): readonly Route[] {
  return [
    { method: 'GET', path: '/healthz', isExempt: true, handler: () => textAnswer(200, 'ok') },
    { method: 'GET', path: '/readyz', isExempt: true, handler: () => readyAnswer(readiness) }
  ]
}

function readyAnswer(readiness: Readiness): Answer {
  const states = readiness.states()
  const isReady = states.every(state => state.reason === undefined)
  const lines = states.map(({ name, reason }) =>
    reason === undefined ? `[+]${name} ok` : `[-]${name}: ${reason}`
  )
  return textAnswer(isReady ? 200 : 503, [...lines, isReady ? 'ready' : 'not ready'].join('\n'))
}
