import type { RolloutName } from '../event/message.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { ReplaySettings } from '../settings/replay-settings.ts'
import type { LiveAnalysis, Rollouts } from '../run/rollouts.ts'
import { checkAddress } from '../source/addresses.ts'
import { SourceDown } from '../source/exchange.ts'
import type { Exchange } from '../source/exchange.ts'
import { fetchSet, maxSetBytes, readNamedFile } from '../source/named-file.ts'
import type { SourceRules } from '../source/source-rules.ts'
import { authorization } from '../source/tokens.ts'
import type { ModelServer } from './ask-model.ts'
import { readLabelledSet } from './labelled-set.ts'
import type { LabelledSet } from './labelled-set.ts'
import { readReplayProgress } from './progress.ts'
import type { ReplayProgress } from './progress.ts'
import { protocolOf } from './protocol.ts'
import { replay } from './replay.ts'

/** What replays work with. */
export interface ReplaysOptions {
  readonly rules: SourceRules
  readonly rollouts: Rollouts
  readonly exchange: Exchange
}

interface Going {
  /** Resolves at the end, whatever it is. */
  readonly ended: Promise<void>
  /** Until when hooks wait, in milliseconds of `performance.now`. */
  readonly waitUntilMs: number
  failed: Error | undefined
}

/** Replays of labelled sets, each once for an analysis of a run; those of different Canaries at a time. */
export class Replays {
  readonly #options: ReplaysOptions
  readonly #going = new Map<number, Going>()
  readonly #stopped = new AbortController()

  constructor(options: ReplaysOptions) {
    this.#options = options
  }

  /**
   * Begins a replay or looks after one. The first hooks wait a while for its end; later ones are answered
   * at once with what was replayed so far.
   *
   * @throws {SourceDown} once, when it had to stop; the next call goes on
   */
  async refresh(live: LiveAnalysis, rollout: RolloutName): Promise<void> {
    const settings = live.state.analysis.replay
    const isDone = readReplayProgress(live.row.sourceState)?.isDone === true
    if (settings === undefined || isDone || live.row.failed !== null) return
    const going = this.#going.get(live.row.id) ?? this.#begin(live, settings, rollout)
    const leftMs = going.waitUntilMs - performance.now()
    if (going.failed === undefined && leftMs > 0) await atMost(going.ended, leftMs)
    if (going.failed === undefined) return
    // Another hook that waited for it may have begun the next already.
    if (this.#going.get(live.row.id) === going) this.#going.delete(live.row.id)
    throw going.failed
  }

  /** Ends all of them; what was replayed is kept. */
  stop(): void {
    this.#stopped.abort()
  }

  #begin(live: LiveAnalysis, settings: ReplaySettings, rollout: RolloutName): Going {
    const { id, sourceState } = live.row
    const work = this.#replay(id, live.state.analysis, {
      settings,
      rollout,
      before: readReplayProgress(sourceState)
    })
    const going: Going = {
      ended: work.then(
        () => {
          this.#going.delete(id)
        },
        (error: unknown) => {
          going.failed = error instanceof Error ? error : new SourceDown('the replay ended')
        }
      ),
      waitUntilMs: performance.now() + settings.waitMs,
      failed: undefined
    }
    this.#going.set(id, going)
    return going
  }

  async #replay(
    id: number,
    analysis: Analysis,
    at: {
      readonly settings: ReplaySettings
      readonly rollout: RolloutName
      readonly before: ReplayProgress | undefined
    }
  ): Promise<void> {
    const { settings, rollout, before } = at
    const ended = new AbortController()
    const signal = AbortSignal.any([this.#stopped.signal, ended.signal])
    try {
      const set = await this.#load(settings, rollout, signal)
      const { primaryUrl } = settings
      await replay({
        analysis,
        set,
        before,
        canary: this.#server('replay.url', settings.url, rollout),
        primary:
          primaryUrl === undefined
            ? undefined
            : this.#server('replay.primary-url', primaryUrl, rollout),
        ask: {
          protocol: protocolOf(settings, settings.model ?? rollout.name),
          settings,
          positive: analysis.positive,
          countsErrors: analysis.objectives.some(({ metric }) => metric === 'error-rate'),
          exchange: this.#options.exchange,
          signal,
          clockMs: () => performance.now()
        },
        save: progress => this.#save(id, rollout, progress)
      })
    } finally {
      // What is still asked when one request failed is of no use.
      ended.abort()
    }
  }

  async #load(
    { dataset, label, features }: ReplaySettings,
    { namespace }: RolloutName,
    signal: AbortSignal
  ): Promise<LabelledSet> {
    const { rules, exchange } = this.#options
    const columns = { label, features }
    if (!/^https?:/i.test(dataset)) {
      const about = { namespace, key: 'replay.dataset', limitBytes: maxSetBytes }
      const text = readNamedFile(dataset, about, rules.files)
      return readLabelledSet(text, columns, 'replay.dataset')
    }
    const { url, headers } = this.#server('replay.dataset', dataset, { namespace })
    const limited = AbortSignal.any([signal, AbortSignal.timeout(setTimeoutMs)])
    const text = await fetchSet(url, headers, { exchange, signal: limited })
    return readLabelledSet(text, columns, 'replay.dataset')
  }

  #server(
    key: string,
    address: string,
    { namespace }: Pick<RolloutName, 'namespace'>
  ): ModelServer {
    const { rules } = this.#options
    const checked = checkAddress(address, namespace, rules)
    if ('refused' in checked) throw new SourceDown(`${key}: ${checked.refused}`)
    return { url: checked.url, headers: authorization(checked.url, rules.tokens) }
  }

  #save(id: number, rollout: RolloutName, progress: ReplayProgress): boolean {
    if (this.#stopped.signal.aborted) return false
    const { rollouts } = this.#options
    const run = rollouts.find(rollout)?.run
    const live = run?.analyses.find(({ row }) => row.id === id)
    if (live === undefined || run?.row.endedMs !== null) return false
    rollouts.transaction(() => {
      rollouts.updateAnalysis(live, { sourceState: JSON.stringify(progress) })
    })
    return true
  }
}

const setTimeoutMs = 60_000

async function atMost(work: Promise<void>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<void>(resolve => {
    timer = setTimeout(resolve, milliseconds)
  })
  await Promise.race([work, timeout])
  clearTimeout(timer)
}
