import type { LiveRun } from '../run/rollouts.ts'
import type { RunRow } from '../store/store.ts'
import type { HookCall } from './hook.ts'

/** What a call means for the run that its rollout is in. */
export type RunStep =
  /** The call belongs to the run. */
  | { readonly kind: 'same' }
  /** The call is the first of another run. */
  | { readonly kind: 'new' }
  /** The call says that the run is over. */
  | { readonly kind: 'over'; readonly phase: string }
  /** The call is about no run: it is too early or too late for one. */
  | { readonly kind: 'none' }

/** Flagger calls at each interval; a run that heard nothing for an hour, or for three blocks, is over. */
const leastIdleMs = 3_600_000
const idleBlocks = 3

const terminalPhases = ['Succeeded', 'Failed']
/** Flagger's words in its events (flagger pkg/controller/scheduler.go); the phase may not be set yet. */
const terminalMessages: readonly (readonly [prefix: string, phase: string])[] = [
  ['Promotion completed!', 'Succeeded'],
  ['Canary failed!', 'Failed']
]

/**
 * Returns which run a call belongs to. The checksum alone cannot decide, because it repeats when the same
 * spec is rolled out again: a new run starts with another checksum, or after the end of the last run. A
 * `confirm-rollout` starts none: its checksum is still that of the run before, because Flagger updates its
 * status after this gate.
 */
export function stepOf(call: HookCall, live: LiveRun | undefined, nowMs: number): RunStep {
  const last = live?.row
  if (call.type === 'event') return stepOfEvent(call, last)
  if (call.type === 'post-rollout') {
    return isCurrent(call, last) ? { kind: 'over', phase: call.phase } : { kind: 'none' }
  }
  if (call.type === 'confirm-rollout') return stepOfConfirmation(call, last)
  if (live === undefined || !isCurrent(call, last)) return { kind: 'new' }
  return { kind: nowMs - live.row.lastHookMs > idleMsOf(live) ? 'new' : 'same' }
}

/** Where a Canary's interval is longer than an hour, so is the block: it is that interval, or follows it. */
function idleMsOf({ analyses }: LiveRun): number {
  const blocksMs = analyses.map(({ state }) => state.analysis.blockMs)
  return Math.max(leastIdleMs, ...blocksMs.map(blockMs => idleBlocks * blockMs))
}

function isCurrent({ checksum }: HookCall, last: RunRow | undefined): boolean {
  return last?.endedMs === null && last.checksum === checksum
}

function stepOfEvent(call: HookCall, last: RunRow | undefined): RunStep {
  if (!isCurrent(call, last)) return { kind: 'none' }
  const message = call.metadata.get('eventMessage') ?? ''
  const told = terminalMessages.find(([prefix]) => message.startsWith(prefix))?.[1]
  const phase = terminalPhases.includes(call.phase) ? call.phase : told
  return phase === undefined ? { kind: 'same' } : { kind: 'over', phase }
}

function stepOfConfirmation({ phase }: HookCall, last: RunRow | undefined): RunStep {
  const isOver = last?.endedMs === null && [...terminalPhases, 'Initialized'].includes(phase)
  return isOver ? { kind: 'over', phase } : { kind: 'none' }
}
