import { metricWords } from '../canary/metric-words.ts'
import { unjudgedText } from '../canary/unjudged-text.ts'
import type { RolloutName } from '../event/message.ts'
import type { RunVerdict, Verdict } from '../judge/verdict.ts'
import type { LiveRun } from '../run/rollouts.ts'
import type { Analysis } from '../settings/analysis.ts'
import { newestRun } from './find-run.ts'
import type { FoundRun } from './find-run.ts'
import type { HookCall, HookType } from './hook.ts'
import type { JudgedAnalysis } from './judge-analyses.ts'

/** An answer to Flagger: a status and one line. */
export interface HookAnswer {
  readonly status: number
  readonly text: string
}

/** The hooks that mark the start and the end of a run. */
export type LifecycleHook = Extract<HookType, 'confirm-rollout' | 'post-rollout'>

/** The hooks whose answer depends on a verdict. */
export type JudgedHook = Exclude<HookType, LifecycleHook | 'event'>

const maxTextBytes = 900
const mark = '…'

/** The answer for a namespace that this service does not judge. */
export function answerNamespace({ namespace }: RolloutName): HookAnswer {
  return { status: 404, text: `the namespace ${namespace} is not judged by this service` }
}

/**
 * The answer for a rollout that has no objectives.
 *
 * @param unjudged the metrics of its Canary, none of which has a meaning here
 */
export function answerUnknown(
  { namespace, name }: RolloutName,
  unjudged: readonly string[]
): HookAnswer {
  const text = `the canary ${namespace}/${name} is unknown: none of its hooks named objectives, and there is no ModelAnalysis with its name`
  const why =
    unjudged.length === 0 ? '' : `; ${unjudgedText(unjudged)}; known: ${metricWords.join(', ')}`
  return { status: 404, text: line(text + why) }
}

/** The answer for objectives that cannot be used. */
export function answerRefused(reason: string): HookAnswer {
  return { status: 400, text: line(reason) }
}

/** The answer while the state cannot be used. Flagger drops the text of a 5xx; `on-error` opens no gate. */
export function answerStateDown({ type }: HookCall, reason: string): HookAnswer {
  return { status: type === 'rollback' ? 404 : 424, text: line(reason) }
}

/** The answer to an event; Flagger ignores it. */
export function answerEvent(found: FoundRun): HookAnswer {
  const isRecorded = newestRun(found) !== undefined
  return { status: 200, text: isRecorded ? 'recorded' : 'no run yet' }
}

/** What is stored of an event. */
export function eventNote({ metadata, phase }: HookCall): HookAnswer {
  return { status: 200, text: line(metadata.get('eventMessage') ?? `phase ${phase}`) }
}

/**
 * The answer to `confirm-rollout` or `post-rollout`. Flagger does not act on the answer to `post-rollout`,
 * but it writes the text of a refusal into an event. For a rollback that the `rollback` hook decided, Flagger
 * writes the reason nowhere else.
 *
 * @param last the newest run of the rollout
 */
export function answerLifecycle(
  { type, phase, checksum }: HookCall & { readonly type: LifecycleHook },
  last: LiveRun | undefined
): HookAnswer {
  if (type === 'confirm-rollout') return { status: 200, text: 'may start' }
  const isOfRun = phase === 'Failed' && last?.row.checksum === checksum
  const failed = isOfRun ? last.analyses.find(({ row }) => row.failed !== null) : undefined
  if (failed === undefined) return { status: 200, text: 'archived' }
  return { status: 412, text: line(`fail: ${failed.row.failed ?? ''}`) }
}

/** From the worst on: a proof outweighs a source that is down. */
const worstFirst = [412, 424, 409, 200]

/**
 * The answer to a hook that judged: the worst of its analyses decides.
 *
 * @param unjudged metrics of the Canary that nothing here judges
 */
export function answerVerdicts(
  { type, rollout }: HookCall & { readonly type: JudgedHook },
  judged: readonly JudgedAnalysis[],
  unjudged: readonly string[] = []
): HookAnswer {
  const answers = judged.map(({ live, result }) =>
    'unavailable' in result
      ? answerUnavailable(type, result.unavailable, live.state.analysis.onError)
      : answerVerdict(type, result, live.state.analysis)
  )
  const worst =
    type === 'rollback'
      ? answers.find(({ status }) => status === 200)
      : answers.toSorted((a, b) => worstFirst.indexOf(a.status) - worstFirst.indexOf(b.status))[0]
  const answer = worst ?? answers[0]
  if (answer === undefined) return answerUnknown(rollout, unjudged)
  if (unjudged.length === 0) return answer
  return { ...answer, text: line(`${answer.text}; ${unjudgedText(unjudged)}`) }
}

/**
 * Maps a verdict to a hook (docs/analysis.md). Flagger reads 200 to 202 as success and loses the text of
 * 429 and of everything above 499, so a failure is 4xx. `rollback` is inverted: 200 rolls back.
 *
 * | hook | pass | inconclusive | no data | fail |
 * | --- | --- | --- | --- | --- |
 * | rollback | 404 | 404 | 404 | 200 |
 * | rollout, pre-rollout | 200 | 200 | 200 | 412 |
 * | confirm-traffic-increase | 200 | 200, or 409 with `step-gate: pass` | 200 | 412 |
 * | confirm-promotion | 200 | 409 | 409 | 412 |
 *
 * A held run keeps both confirm gates shut.
 */
function answerVerdict(
  hook: JudgedHook,
  { verdict, reason, held = false }: Pick<RunVerdict, 'verdict' | 'reason' | 'held'>,
  { stepGate }: Pick<Analysis, 'stepGate'>
): HookAnswer {
  const text = line(`${verdict}: ${reason}`)
  return { status: held && isGate(hook) ? 409 : statusOf(hook, verdict, stepGate), text }
}

function statusOf(hook: JudgedHook, verdict: Verdict, stepGate: Analysis['stepGate']): number {
  if (hook === 'rollback') return verdict === 'fail' ? 200 : 404
  if (verdict === 'fail') return 412
  const isHeld =
    hook === 'confirm-promotion' ? verdict !== 'pass' : isStepHeld(hook, verdict, stepGate)
  return isHeld ? 409 : 200
}

/** The hooks that Flagger waits for without counting a failure. */
function isGate(hook: JudgedHook): boolean {
  return hook === 'confirm-promotion' || hook === 'confirm-traffic-increase'
}

/** Without data there is no traffic yet, and holding the step would keep it that way. */
function isStepHeld(hook: JudgedHook, verdict: Verdict, stepGate: Analysis['stepGate']): boolean {
  const isStep = hook === 'confirm-traffic-increase'
  return isStep && stepGate === 'pass' && verdict === 'inconclusive'
}

/** The answer while a source is down: never a rollback and never a 5xx. */
function answerUnavailable(
  hook: JudgedHook,
  reason: string,
  onError: Analysis['onError']
): HookAnswer {
  const text = line(`the source is down: ${reason}`)
  if (hook === 'rollback') return { status: 404, text }
  return { status: onError === 'pass' ? 200 : 424, text }
}

/** Shortens text to one line of less than 1 kB: Flagger puts it into an event. */
export function line(text: string): string {
  const flat = text
    .toWellFormed()
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  if (Buffer.byteLength(flat) <= maxTextBytes) return flat
  const room = Buffer.from(flat).subarray(0, maxTextBytes - Buffer.byteLength(mark))
  // A character that was cut in two is dropped.
  return new TextDecoder().decode(room, { stream: true }) + mark
}
