import type { Fault } from '../common/fault.ts'
import type { Taken } from './event/ingest.ts'
import type { RefusalReason } from './event/message.ts'
import type { HookType } from './hook/hook.ts'

/** What an analysis tells about its work. */
export interface AnalysisObserver {
  /** Events that are durable now, by what became of them. */
  taken(taken: Taken, count: number): void
  /** An event that was refused. */
  refused(reason: RefusalReason): void
  hookAnswered(type: HookType, status: number): void
  /** The state could not be read or written; whoever asked was told so. */
  storeUnusable(fault: Fault): void
}

/** An observer that watches nothing. */
export const silentAnalysisObserver: AnalysisObserver = {
  taken: () => undefined,
  refused: () => undefined,
  hookAnswered: () => undefined,
  storeUnusable: () => undefined
}
