import type { Analysis } from '../settings/analysis.ts'
import type { RunVerdict, Verdict } from '../judge/verdict.ts'
import type { HookType } from './hook.ts'

/** What Flagger is answered: a status and one line. */
export interface HookAnswer {
  readonly status: number
  readonly text: string
}

/** The hooks whose answer depends on a verdict. */
export type JudgedHook = Exclude<HookType, 'confirm-rollout' | 'post-rollout' | 'event'>

const maxTextBytes = 900
const mark = '…'

/**
 * Maps a verdict to a hook (docs/analysis.md). Flagger reads 200 to 202 as success and loses the text of
 * 429 and of everything above 499, so a failure is 4xx; `rollback` is the other way round: 200 rolls back.
 *
 * | hook | pass | inconclusive | no data | fail |
 * | --- | --- | --- | --- | --- |
 * | rollback | 404 | 404 | 404 | 200 |
 * | rollout, pre-rollout | 200 | 200 | 200 | 412 |
 * | confirm-traffic-increase | 200 | 200, or 409 with `step-gate: pass` | 200 | 412 |
 * | confirm-promotion | 200 | 409 | 409 | 412 |
 */
export function answerVerdict(
  hook: JudgedHook,
  { verdict, reason }: Pick<RunVerdict, 'verdict' | 'reason'>,
  { stepGate }: Pick<Analysis, 'stepGate'>
): HookAnswer {
  const text = line(`${verdict}: ${reason}`)
  return { status: statusOf(hook, verdict, stepGate), text }
}

function statusOf(hook: JudgedHook, verdict: Verdict, stepGate: Analysis['stepGate']): number {
  if (hook === 'rollback') return verdict === 'fail' ? 200 : 404
  if (verdict === 'fail') return 412
  const isHeld =
    hook === 'confirm-promotion' ? verdict !== 'pass' : isStepHeld(hook, verdict, stepGate)
  return isHeld ? 409 : 200
}

/** Without data there is no traffic yet: holding it back would hold it back for ever. */
function isStepHeld(hook: JudgedHook, verdict: Verdict, stepGate: Analysis['stepGate']): boolean {
  const isStep = hook === 'confirm-traffic-increase'
  return isStep && stepGate === 'pass' && verdict === 'inconclusive'
}

/** The answer while a source is down: never a rollback, never a 5xx. */
export function answerUnavailable(
  hook: JudgedHook,
  reason: string,
  onError: Analysis['onError']
): HookAnswer {
  const text = line(`the source is down: ${reason}`)
  if (hook === 'rollback') return { status: 404, text }
  return { status: onError === 'pass' ? 200 : 424, text }
}

/** One line of less than 1 kB: Flagger pastes it into an event. */
export function line(text: string): string {
  const flat = text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  if (Buffer.byteLength(flat) <= maxTextBytes) return flat
  const room = Buffer.from(flat).subarray(0, maxTextBytes - Buffer.byteLength(mark))
  // A character that was cut in the middle is left out.
  return new TextDecoder().decode(room, { stream: true }) + mark
}
