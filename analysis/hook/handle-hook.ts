import { Fault } from '../../common/fault.ts'
import type { RolloutName } from '../event/message.ts'
import { worstVerdict } from '../judge/verdict.ts'
import type { RunVerdict } from '../judge/verdict.ts'
import { digestOf } from '../settings/digest.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import type { LiveAnalysis, LiveRollout, LiveRun, Rollouts } from '../run/rollouts.ts'
import type { Refreshed } from '../source/refreshed.ts'
import { isStoreUnusable } from '../store/store-unusable.ts'
import type { Store } from '../store/store.ts'
import { answerUnavailable, answerVerdict, line } from './answer.ts'
import type { HookAnswer, JudgedHook } from './answer.ts'
import { askedSettings } from './asked-settings.ts'
import { givenSettings, withBlock } from './block-default.ts'
import type { HookCall } from './hook.ts'
import { judgeAnalysis, judgeNow, within } from './judge-analysis.ts'
import { traceVerdict } from './trace-verdict.ts'
import { stepOf } from './which-run.ts'

/** Brings the counts of an analysis up to date from its source. */
export type Refresh = (run: LiveRun, live: LiveAnalysis, rollout: RolloutName) => Promise<Refreshed>

/** What hooks are answered with. */
export interface HookOptions {
  readonly store: Store
  readonly rollouts: Rollouts
  /** The settings of the ModelAnalysis of this namespace and name; undefined where there is none. */
  readonly declared: (rollout: RolloutName) => ReadonlyMap<string, string> | undefined
  /**
   * The block that the Canary of this namespace and name gives; undefined where it gives none.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ`
   */
  readonly block: (rollout: RolloutName) => string | undefined
  readonly isNamespaceAllowed: (rollout: RolloutName) => boolean
  /**
   * Validates and completes settings, and rejects what the rollout is not allowed to use.
   *
   * @throws {Fault} `OBJECTIVES_INVALID`
   */
  readonly prepare: (
    rollout: RolloutName,
    settings: ObjectiveSettings
  ) => ReadonlyMap<string, string>
  readonly refresh: Refresh
  /** Told after each hook that found a verdict: the worst of all that its run was asked to show. */
  readonly judged: (rollout: RolloutName, run: LiveRun, verdict: RunVerdict) => void
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

const maxAnalyses = 8

/** Answers one call of Flagger. Calls change no counts, so a retry is answered as the first. */
export async function handleHook(options: HookOptions, call: HookCall): Promise<HookAnswer> {
  const { rollouts, nowMs } = options
  if (!options.isNamespaceAllowed(call.rollout)) {
    return {
      status: 404,
      text: `the namespace ${call.rollout.namespace} is not one that is judged`
    }
  }
  const known = rollouts.find(call.rollout)
  const step = stepOf(call, known?.run, nowMs())
  switch (call.type) {
    case 'event':
      return recordEvent(options, call, known)
    case 'confirm-rollout':
    case 'post-rollout':
      return settleRun(options, call, { known, isOver: step.kind === 'over' })
    default:
      return await judgeHook(options, { ...call, type: call.type }, known)
  }
}

function unknown({ rollout }: HookCall): HookAnswer {
  const text = `the canary ${rollout.namespace}/${rollout.name} is unknown: no hook of it named objectives, and there is no ModelAnalysis of its name`
  return { status: 404, text: line(text) }
}

function recordEvent(
  options: HookOptions,
  call: HookCall,
  known: LiveRollout | undefined
): HookAnswer {
  const { store, rollouts, nowMs } = options
  const run = known?.run
  if (run === undefined) return { status: 200, text: 'not known yet' }
  const text = line(call.metadata.get('eventMessage') ?? `phase ${call.phase}`)
  const step = stepOf(call, run, nowMs())
  within(options, () => {
    if (step.kind === 'over') rollouts.endRun(run, step.phase)
    store.addHook(run.row.id, { atMs: nowMs(), type: 'event', status: 200, text })
  })
  return { status: 200, text: 'recorded' }
}

/**
 * `confirm-rollout` and `post-rollout` open no gate: they tell where runs begin and end. What
 * `post-rollout` answers decides nothing, but Flagger writes the text of a refusal into an event, and of a
 * rollback that the `rollback` hook decided it writes no reason anywhere else.
 */
function settleRun(
  options: HookOptions,
  call: HookCall,
  { known, isOver }: { readonly known: LiveRollout | undefined; readonly isOver: boolean }
): HookAnswer {
  const { store, rollouts, nowMs } = options
  const { type, phase } = call
  const settings = askedSettings(options, call, known?.run)
  if ('status' in settings) return settings
  if (known === undefined && settings.size === 0) return unknown(call)
  const run = known?.run
  const answer = type === 'post-rollout' ? archived(call, run) : { status: 200, text: 'may begin' }
  if (run === undefined) return answer
  within(options, () => {
    if (isOver) rollouts.endRun(run, phase === 'Initialized' ? null : phase)
    store.addHook(run.row.id, { atMs: nowMs(), type, ...answer })
  })
  return answer
}

function archived({ phase, checksum }: HookCall, run: LiveRun | undefined): HookAnswer {
  const isOfRun = phase === 'Failed' && run?.row.checksum === checksum
  const failed = isOfRun ? run.analyses.find(({ row }) => row.failed !== null) : undefined
  if (failed === undefined) return { status: 200, text: 'archived' }
  return { status: 412, text: line(`fail: ${failed.row.failed ?? ''}`) }
}

type JudgedCall = HookCall & { readonly type: JudgedHook }

async function judgeHook(
  options: HookOptions,
  call: JudgedCall,
  known: LiveRollout | undefined
): Promise<HookAnswer> {
  const run = runOf(call, known, options.nowMs())
  const settings = asksAsRun(call, run) ? noSettings : askedSettings(options, call, run)
  if ('status' in settings) return settings
  if (settings.size === 0 && (known?.run?.analyses.length ?? 0) === 0) return unknown(call)
  let chosen: Chosen
  try {
    chosen = within(options, () => choose(options, call, settings))
  } catch (error) {
    if (isStoreUnusable(error) || !(error instanceof Fault)) throw error
    return { status: 400, text: line(error.message) }
  }
  return await judgeChosen(options, call, chosen)
}

async function judgeChosen(
  options: HookOptions,
  call: JudgedCall,
  { run, analyses }: Chosen
): Promise<HookAnswer> {
  // Sources that do not answer are waited for at once, not one after the other.
  const judged = await Promise.all(
    analyses.map(async live => ({
      live,
      found: await judgeAnalysis(options, call.rollout, run, live)
    }))
  )
  const answer = answerOf(call, judged)
  const atMs = options.nowMs()
  const { id } = run.row
  const found = judged.flatMap(({ live, found }) =>
    'unavailable' in found ? [] : [{ live, found }]
  )
  const newest = options.rollouts.find(call.rollout)?.run
  const current = newest?.row.id === id ? newest : undefined
  within(options, () => {
    if (current !== undefined) options.rollouts.update(current, { lastHookMs: atMs })
    for (const { live, found: verdict } of found) {
      traceVerdict(options.store, live, verdict, atMs)
    }
    options.store.addHook(id, { atMs, type: call.type, ...answer })
  })
  const verdicts = current?.analyses.map(live => judgeNow(current, live, atMs)) ?? []
  const worst = worstVerdict(verdicts)
  if (current !== undefined && worst !== undefined && found.length > 0) {
    options.judged(call.rollout, current, worst)
  }
  return answer
}

const noSettings: ReadonlyMap<string, string> = new Map()

/** A hook without metadata is judged by all that its run was asked to show. */
function asksAsRun({ metadata }: HookCall, run: LiveRun | undefined): boolean {
  return metadata.size === 0 && run !== undefined && run.analyses.length > 0
}

/** The run that a call goes on with; undefined where it begins one. */
function runOf(
  call: JudgedCall,
  known: LiveRollout | undefined,
  nowMs: number
): LiveRun | undefined {
  return stepOf(call, known?.run, nowMs).kind === 'same' ? known?.run : undefined
}

/** An analysis and what was found of it. */
interface Judged {
  readonly live: LiveAnalysis
  readonly found: RunVerdict | { readonly unavailable: string }
}

/** A run and the analyses of it that a call asks for. */
interface Chosen {
  readonly run: LiveRun
  readonly analyses: readonly LiveAnalysis[]
}

/** The run that the call belongs to and the analyses that it asks for. @throws {Fault} */
function choose(
  { rollouts, block, nowMs }: HookOptions,
  call: JudgedCall,
  settings: ObjectiveSettings
): Chosen {
  const rollout = rollouts.findOrAdd(call.rollout)
  const last = rollout.run
  const run = runOf(call, rollout, nowMs()) ?? rollouts.startRun(rollout, call.checksum)
  const whole = (given: typeof settings) => withBlock(given, run, () => block(call.rollout))
  if (settings.size === 0) {
    // A new run without objectives of its own is judged by those of the run before.
    for (const { row } of run === last ? [] : (last?.analyses ?? [])) {
      rollouts.addAnalysis(run, row.digest, whole(givenSettings(row)))
    }
    return { run, analyses: run.analyses }
  }
  const digest = digestOf(settings)
  const same = run.analyses.find(({ row }) => row.digest === digest)
  if (same !== undefined) return { run, analyses: [same] }
  if (run.analyses.length >= maxAnalyses) {
    throw new Fault(
      'OBJECTIVES_INVALID',
      `the hooks of a run name at most ${maxAnalyses} different sets of objectives`
    )
  }
  return { run, analyses: [rollouts.addAnalysis(run, digest, whole(settings))] }
}

/** The worst comes first: what is proved says more than a source that is down. */
const worstFirst = [412, 424, 409, 200]

/** The worst of the analyses decides. */
function answerOf(call: JudgedCall, judged: readonly Judged[]): HookAnswer {
  const answers = judged.map(({ live, found }) =>
    'unavailable' in found
      ? answerUnavailable(call.type, found.unavailable, live.state.analysis.onError)
      : answerVerdict(call.type, found, live.state.analysis)
  )
  const isRollback = call.type === 'rollback'
  const worst = isRollback
    ? answers.find(({ status }) => status === 200)
    : answers.toSorted((a, b) => worstFirst.indexOf(a.status) - worstFirst.indexOf(b.status))[0]
  return worst ?? answers[0] ?? unknown(call)
}
