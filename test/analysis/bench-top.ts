import { Analyst } from '../../analysis/analyst.ts'
import type { AnalystOptions } from '../../analysis/analyst.ts'
import { noWords } from '../../analysis/canary/canary-words.ts'
import type { Message } from '../../analysis/event/message.ts'
import type { HookCall, HookType } from '../../analysis/hook/hook.ts'
import { silentAnalysisObserver } from '../../analysis/observer.ts'
import { noSources } from '../../analysis/source/source-rules.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import type { Store } from '../../analysis/store/store.ts'

/** 2026-11-24T12:00:00Z, the start of a block of any usual length. */
export const startMs = Date.UTC(2026, 10, 24, 12)

/** The Canary of these tests. */
export const rollout = { namespace: 'ml', name: 'churn' }

/** An analyst whose clock a test sets. */
export class BenchTop {
  nowMs = startMs
  readonly store: Store
  analyst: Analyst
  readonly #options: Partial<AnalystOptions>
  #sent = 0

  constructor(options: Partial<AnalystOptions> = {}, file = ':memory:') {
    this.store = options.store ?? openSqliteStore(file)
    this.#options = options
    this.analyst = this.#start()
  }

  /** Starts another analyst on the same store, as after a restart. */
  restart(): void {
    this.analyst = this.#start()
  }

  /** Calls a hook, and returns `200 text`. */
  async hook(
    type: HookType,
    metadata: Readonly<Record<string, string>> = {},
    call: Partial<HookCall> = {}
  ): Promise<string> {
    const { status, text } = await this.analyst.answer({
      type,
      rollout,
      phase: 'Progressing',
      checksum: 'c1',
      metadata: new Map(Object.entries(metadata)),
      ...call
    })
    return `${status} ${text}`
  }

  /** Calls a hook, and returns its status. */
  async status(...call: Parameters<BenchTop['hook']>): Promise<number> {
    return Number((await this.hook(...call)).slice(0, 3))
  }

  /** Sends predictions of the positive class now, `bad` of them with another label. */
  async send(
    variant: 'canary' | 'primary',
    { events, bad = 0, latencyMs = 50 }: { events: number; bad?: number; latencyMs?: number }
  ): Promise<void> {
    const messages = Array.from({ length: events }, (_, index) =>
      this.prediction({ variant, label: index < bad ? '0' : '1', latencyMs })
    )
    await this.analyst.ingest(messages)
  }

  /** A prediction now, with a new ID. */
  prediction(
    given: Partial<Extract<Message, { kind: 'prediction' }>> = {}
  ): Extract<Message, { kind: 'prediction' }> {
    this.#sent += 1
    return {
      kind: 'prediction',
      rollout,
      id: `p${this.#sent}`,
      timeMs: this.nowMs,
      variant: 'canary',
      predicted: '1',
      label: undefined,
      latencyMs: 50,
      isError: false,
      ...given
    }
  }

  /** `metric: verdict, bad of events` for each objective of the newest run. */
  verdicts(): readonly unknown[] {
    const view = this.analyst.view(rollout)
    if (view.kind !== 'judged') return []
    return view.judged.verdicts.flatMap(({ objectives }) =>
      objectives.map(({ metric, versus, verdict, events, bad }) => {
        const name = versus === undefined ? metric : `${metric} versus ${versus}`
        return `${name}: ${verdict}, ${bad} of ${events}`
      })
    )
  }

  /** The reason of each objective of the newest run. */
  reasons(): readonly string[] {
    const view = this.analyst.view(rollout)
    if (view.kind !== 'judged') return []
    return view.judged.verdicts.flatMap(({ objectives }) => objectives.map(({ reason }) => reason))
  }

  #start(): Analyst {
    return new Analyst({
      declared: () => undefined,
      words: () => noWords,
      block: () => undefined,
      isByMatch: () => false,
      isNamespaceAllowed: () => true,
      sources: noSources,
      judged: () => undefined,
      observer: silentAnalysisObserver,
      ...this.#options,
      store: this.store,
      nowMs: () => this.nowMs
    })
  }
}
