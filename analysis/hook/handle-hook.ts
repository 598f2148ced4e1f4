import { Fault } from '../../common/fault.ts'
import type { RolloutName } from '../event/message.ts'
import { isStoreUnusable } from '../store/store-unusable.ts'
import {
  answerEvent,
  answerLifecycle,
  answerNamespace,
  answerRefused,
  answerUnknown,
  answerVerdicts,
  eventNote
} from './answer.ts'
import type { HookAnswer, JudgedHook, LifecycleHook } from './answer.ts'
import { callSettings } from './call-settings.ts'
import { chooseAnalyses } from './choose-analyses.ts'
import type { ChooseOptions } from './choose-analyses.ts'
import { findRun, newestRun } from './find-run.ts'
import type { FoundRun } from './find-run.ts'
import type { HookCall } from './hook.ts'
import { judgeAnalyses } from './judge-analyses.ts'
import type { JudgeOptions } from './judge-analyses.ts'
import { recordCall, recordVerdicts } from './record-call.ts'
import type { RecordOptions } from './record-call.ts'

/** What hooks are answered with. */
export interface HookOptions extends ChooseOptions, JudgeOptions, RecordOptions {
  readonly isNamespaceAllowed: (rollout: RolloutName) => boolean
}

/**
 * Answers one call of Flagger: finds its run, chooses the analyses, judges them and records the call. A call
 * changes no counts, so a retry gets the answer of the first.
 */
export async function handleHook(options: HookOptions, call: HookCall): Promise<HookAnswer> {
  const { rollout, type } = call
  if (!options.isNamespaceAllowed(rollout)) return answerNamespace(rollout)
  const known = options.rollouts.find(rollout)
  const found = findRun(call, known?.run, options.nowMs())
  switch (type) {
    case 'event':
      recordCall(options, call, found, eventNote(call))
      return answerEvent(found)
    case 'confirm-rollout':
    case 'post-rollout':
      return handleLifecycle(options, { ...call, type }, found, known !== undefined)
    default:
      return await handleGate(options, { ...call, type }, found)
  }
}

/** `confirm-rollout` and `post-rollout` open no gate: they show where runs start and end. */
function handleLifecycle(
  options: HookOptions,
  call: HookCall & { readonly type: LifecycleHook },
  found: FoundRun,
  isKnown: boolean
): HookAnswer {
  const last = newestRun(found)
  const settings = orRefusal(() => callSettings(options, call, last))
  if ('refused' in settings) return settings.refused
  if (!isKnown && settings.value.settings.size === 0) {
    return answerUnknown(call.rollout, settings.value.unjudged)
  }
  const answer = answerLifecycle(call, last)
  recordCall(options, call, found, answer)
  return answer
}

async function handleGate(
  options: HookOptions,
  call: HookCall & { readonly type: JudgedHook },
  found: FoundRun
): Promise<HookAnswer> {
  const chosen = orRefusal(() => chooseAnalyses(options, call, found))
  if ('refused' in chosen) return chosen.refused
  if (!('run' in chosen.value)) return answerUnknown(call.rollout, chosen.value.unjudged)
  const { run } = chosen.value
  const judged = await judgeAnalyses(options, call.rollout, chosen.value)
  const answer = answerVerdicts(call, judged, run.row.facts.unjudged)
  recordVerdicts(options, call, { run, judged, answer })
  return answer
}

/** Objectives that cannot be used get an answer with the reason. */
function orRefusal<T>(choose: () => T): { readonly value: T } | { readonly refused: HookAnswer } {
  try {
    return { value: choose() }
  } catch (error) {
    if (isStoreUnusable(error) || !(error instanceof Fault)) throw error
    return { refused: answerRefused(error.message) }
  }
}
