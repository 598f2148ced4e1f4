import { Fault } from '../../common/fault.ts'
import type { RolloutName } from '../event/message.ts'
import { activeAnalyses, askedFor } from '../run/active-analyses.ts'
import type { LiveAnalysis, LiveRun, Rollouts } from '../run/rollouts.ts'
import { digestOf } from '../settings/digest.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { defaultBlock } from '../settings/read-analysis.ts'
import { callSettings, givenSettings } from './call-settings.ts'
import type { CallSettings, CallSettingsOptions } from './call-settings.ts'
import { newestRun } from './find-run.ts'
import type { FoundRun } from './find-run.ts'
import type { HookCall } from './hook.ts'

/** What analyses are chosen from. */
export interface ChooseOptions extends CallSettingsOptions {
  readonly rollouts: Rollouts
  /**
   * The block that the Canary of this namespace and name gives; undefined if it gives none.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ`
   */
  readonly block: (rollout: RolloutName) => string | undefined
  /** Whether the Canary sends requests to its arms by match rules. */
  readonly isByMatch: (rollout: RolloutName) => boolean
}

/** A run and those of its analyses that a call asks for. */
export interface ChosenAnalyses {
  readonly run: LiveRun
  readonly analyses: readonly LiveAnalysis[]
}

const maxAnalyses = 8

/**
 * Chooses the analyses that a call asks for, and starts their run and adds them where they do not exist.
 * A call without metadata asks for all analyses of its run.
 *
 * @returns only the metrics of the Canary that have no meaning here, if nothing gives the rollout objectives
 * @throws {Fault} `OBJECTIVES_INVALID`, `OBJECTIVES_NOT_READ`
 */
export function chooseAnalyses(
  options: ChooseOptions,
  call: HookCall,
  found: FoundRun
): ChosenAnalyses | Pick<CallSettings, 'unjudged'> {
  const current = found.kind === 'current' ? found.run : undefined
  const asksForAll = call.metadata.size === 0 && (current?.analyses.length ?? 0) > 0
  const { settings, unjudged } = asksForAll
    ? changedSettings(options, call, current)
    : callSettings(options, call, current)
  if (settings.size === 0 && (newestRun(found)?.analyses.length ?? 0) === 0) return { unjudged }
  const { rollouts } = options
  const block = () => options.block(call.rollout)
  return rollouts.transaction(() => {
    const rollout = rollouts.findOrAdd(call.rollout)
    const last = rollout.run
    const run = current ?? rollouts.startRun(rollout, call)
    keepAttempt(rollouts, run, call)
    keepAssignment(rollouts, run, options.isByMatch(call.rollout))
    if (settings.size > 0) {
      keepUnjudged(rollouts, run, unjudged)
      const live = findOrAdd(rollouts, run, settings, block)
      keepAsked(rollouts, run, call, live)
      return { run, analyses: asksForAll ? activeAnalyses(run) : [live] }
    }
    if (run !== last) repeatAnalyses(rollouts, run, last, block)
    return { run, analyses: activeAnalyses(run) }
  })
}

/** The first call that has an attempt names it for the run. */
function keepAttempt(rollouts: Rollouts, run: LiveRun, { attempt }: HookCall): void {
  const { facts } = run.row
  if (attempt === undefined || facts.attempt !== undefined) return
  rollouts.update(run, { facts: { ...facts, attempt } })
}

function keepAssignment(rollouts: Rollouts, run: LiveRun, isByMatch: boolean): void {
  const { facts } = run.row
  if ((facts.isByMatch ?? false) !== isByMatch)
    rollouts.update(run, { facts: { ...facts, isByMatch } })
}

function keepUnjudged(rollouts: Rollouts, run: LiveRun, unjudged: readonly string[]): void {
  const { unjudged: known = [], ...facts } = run.row.facts
  if (JSON.stringify(known) === JSON.stringify(unjudged)) return
  rollouts.update(run, { facts: unjudged.length === 0 ? facts : { ...facts, unjudged } })
}

/** The next call with the same metadata that asks for another analysis supersedes this one. */
function keepAsked(rollouts: Rollouts, run: LiveRun, call: HookCall, live: LiveAnalysis): void {
  const { facts } = run.row
  const asked = askedFor(facts, digestOf(call.metadata), live.row.digest)
  if (asked !== facts) rollouts.update(run, { facts: asked })
}

const noSettings: CallSettings = { settings: new Map(), unjudged: [] }

/**
 * A call without metadata takes a changed ModelAnalysis over if the run was judged by the one before. While it cannot
 * be read or used, the run keeps its objectives.
 */
function changedSettings(
  options: ChooseOptions,
  call: HookCall,
  run: LiveRun | undefined
): CallSettings {
  if (run?.row.facts.asked?.[digestOf(call.metadata)] === undefined) return noSettings
  try {
    return callSettings(options, call, run)
  } catch (error) {
    if (error instanceof Fault) return noSettings
    throw error
  }
}

/** A new run without settings of its own is judged by those of the run before. */
function repeatAnalyses(
  rollouts: Rollouts,
  run: LiveRun,
  last: LiveRun | undefined,
  block: CanaryBlock
): void {
  for (const { row } of last === undefined ? [] : activeAnalyses(last)) {
    rollouts.addAnalysis(run, row.digest, withBlock(givenSettings(row), run, block))
  }
}

/** @throws {Fault} `OBJECTIVES_INVALID` if the run has too many analyses */
function findOrAdd(
  rollouts: Rollouts,
  run: LiveRun,
  settings: ObjectiveSettings,
  block: CanaryBlock
): LiveAnalysis {
  const digest = digestOf(settings)
  const known = run.analyses.find(({ row }) => row.digest === digest)
  if (known !== undefined) return known
  if (activeAnalyses(run).length >= maxAnalyses) {
    throw new Fault(
      'OBJECTIVES_INVALID',
      `the hooks of a run can name at most ${maxAnalyses} different sets of objectives`
    )
  }
  return rollouts.addAnalysis(run, digest, withBlock(settings, run, block))
}

/** The block that the Canary gives now; undefined if it gives none. */
type CanaryBlock = () => string | undefined

/**
 * Returns settings with their block, as they are stored. The default is fixed for a run when the first of its
 * analyses needs it: a changed interval of the Canary counts from the next run.
 */
function withBlock(
  settings: ObjectiveSettings,
  run: LiveRun,
  block: CanaryBlock
): ObjectiveSettings {
  if (settings.has('block')) return settings
  return new Map([...settings, ['block', blockOf(run) ?? block() ?? defaultBlock]])
}

/** The default block of a run; undefined before an analysis needed it. */
function blockOf({ analyses }: LiveRun): string | undefined {
  const live = analyses.find(({ row }) => !givenSettings(row).has('block'))
  return live && (live.row.settings.get('block') ?? defaultBlock)
}
