import type { Fault } from '../common/fault.ts'
import type { IngestResult } from './event/ingest.ts'
import type { RefusalReason } from './event/message.ts'
import type { HookType } from './hook/hook.ts'

/** Receives what the analysis does, for metrics and logs. */
export interface AnalysisObserver {
  /** Called when events are durable. */
  ingested(result: IngestResult, count: number): void
  /** Called for each refused event. */
  refused(reason: RefusalReason): void
  /** Called for each accepted event of a rollout that nothing else names. */
  unknownRollout(): void
  hookAnswered(type: HookType, status: number): void
  /** Called when the store could not be read or written; the caller got the error. */
  storeUnusable(fault: Fault): void
}

/** An observer that does nothing. */
export const silentAnalysisObserver: AnalysisObserver = {
  ingested: () => undefined,
  refused: () => undefined,
  unknownRollout: () => undefined,
  hookAnswered: () => undefined,
  storeUnusable: () => undefined
}
