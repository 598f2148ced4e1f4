import type { LiveRun } from '../run/rollouts.ts'
import type { RunRow } from '../store/store.ts'
import type { HookCall } from './hook.ts'

/** What a call means for the newest run of its rollout. */
export type FoundRun =
  /** The call belongs to this run. */
  | { readonly kind: 'current'; readonly run: LiveRun }
  /** The call is the first of another run than `last`. */
  | { readonly kind: 'new'; readonly last: LiveRun | undefined }
  /** The call ends this run; the phase is null if the Canary does not say how. */
  | { readonly kind: 'over'; readonly run: LiveRun; readonly phase: string | null }
  /** The call comes too early or too late for a run. */
  | { readonly kind: 'none'; readonly last: LiveRun | undefined }

/** The newest run of the rollout, whether or not the call belongs to it; undefined before its first. */
export function newestRun(found: FoundRun): LiveRun | undefined {
  return 'run' in found ? found.run : found.last
}

/** Flagger calls once an interval. A run without a call for an hour and for three blocks is over. */
const leastIdleMs = 3_600_000
const idleBlocks = 3

const terminalPhases = ['Succeeded', 'Failed']

/** Whether a phase ends a run. */
export function isTerminal(phase: string): boolean {
  return terminalPhases.includes(phase)
}

/** How Flagger's last events start (flagger pkg/controller/scheduler.go); the phase may not be set yet. */
const terminalMessages: readonly (readonly [prefix: string, phase: string])[] = [
  ['Promotion completed!', 'Succeeded'],
  ['Canary failed!', 'Failed']
]

/**
 * Finds the run that a call belongs to. The checksum alone does not identify it, because it repeats when the
 * same revision is rolled out again: a new run starts with another checksum, or after the end of the last
 * run. `confirm-rollout` carries the checksum of the run before, so it starts no run.
 *
 * @param last the newest run of the rollout
 */
export function findRun(call: HookCall, last: LiveRun | undefined, nowMs: number): FoundRun {
  switch (call.type) {
    case 'event':
      return findRunOfEvent(call, last)
    case 'post-rollout':
      return isCurrent(call, last?.row) && last !== undefined
        ? { kind: 'over', run: last, phase: lastPhase(call) }
        : { kind: 'none', last }
    case 'confirm-rollout':
      return findRunOfConfirmation(call, last)
    default:
      return last !== undefined && isCurrent(call, last.row) && !isIdle(last, nowMs)
        ? { kind: 'current', run: last }
        : { kind: 'new', last }
  }
}

/** A Canary's interval may be longer than an hour; its blocks are that long then, or longer. */
function isIdle({ row, analyses }: LiveRun, nowMs: number): boolean {
  const blocksMs = analyses.map(({ state }) => state.analysis.blockMs)
  const idleMs = Math.max(leastIdleMs, ...blocksMs.map(blockMs => idleBlocks * blockMs))
  return nowMs - row.lastHookMs > idleMs
}

function isCurrent({ checksum, attempt }: HookCall, last: RunRow | undefined): boolean {
  if (last?.endedMs !== null || last.checksum !== checksum) return false
  const { attempt: own = attempt, earlierAttempts = [] } = last.facts
  return attempt === undefined || own === attempt || earlierAttempts.includes(attempt)
}

function findRunOfEvent(call: HookCall, last: LiveRun | undefined): FoundRun {
  if (last === undefined || !isCurrent(call, last.row)) return { kind: 'none', last }
  const message = call.metadata.get('eventMessage') ?? ''
  const announced = terminalMessages.find(([prefix]) => message.startsWith(prefix))?.[1]
  const phase = terminalPhases.includes(call.phase) ? call.phase : announced
  return phase === undefined ? { kind: 'current', run: last } : { kind: 'over', run: last, phase }
}

function findRunOfConfirmation(call: HookCall, last: LiveRun | undefined): FoundRun {
  const isLastOver = [...terminalPhases, 'Initialized'].includes(call.phase)
  return last?.row.endedMs === null && isLastOver
    ? { kind: 'over', run: last, phase: lastPhase(call) }
    : { kind: 'none', last }
}

/** `Initialized` is the phase before an analysis, and says nothing about the end of the last one. */
function lastPhase({ phase }: HookCall): string | null {
  return phase === 'Initialized' ? null : phase
}
