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

/** What replays use. */
export interface ReplaysOptions {
  readonly rules: SourceRules
  readonly rollouts: Rollouts
  readonly exchange: Exchange
}

interface RunningReplay {
  /** Resolves when the replay ends or fails. */
  readonly ended: Promise<void>
  /** When hooks stop waiting, in milliseconds of `performance.now`. */
  readonly waitUntilMs: number
  failed: Error | undefined
}

/** Replays labelled sets, once for each analysis of a run. Replays of different Canaries run concurrently. */
export class Replays {
  readonly #options: ReplaysOptions
  readonly #running = new Map<number, RunningReplay>()
  readonly #stopped = new AbortController()

  constructor(options: ReplaysOptions) {
    this.#options = options
  }

  /**
   * Starts a replay, or continues one. The first hooks wait a while for its end; later ones get the result so
   * far at once.
   *
   * @throws {SourceDown} once after the replay stopped early; the next call continues it
   */
  async refresh(live: LiveAnalysis, rollout: RolloutName): Promise<void> {
    const settings = live.state.analysis.replay
    const isDone = readReplayProgress(live.row.sourceState)?.isDone === true
    if (settings === undefined || isDone || live.row.failed !== null) return
    const running = this.#running.get(live.row.id) ?? this.#start(live, settings, rollout)
    const leftMs = running.waitUntilMs - performance.now()
    if (running.failed === undefined && leftMs > 0) await atMost(running.ended, leftMs)
    if (running.failed === undefined) return
    // Another hook that waited may have started the next replay already.
    if (this.#running.get(live.row.id) === running) this.#running.delete(live.row.id)
    throw running.failed
  }

  /** Stops all replays and keeps their progress. */
  stop(): void {
    this.#stopped.abort()
  }

  #start(live: LiveAnalysis, settings: ReplaySettings, rollout: RolloutName): RunningReplay {
    const { id, sourceState } = live.row
    const work = this.#replay(id, live.state.analysis, {
      settings,
      rollout,
      before: readReplayProgress(sourceState)
    })
    const running: RunningReplay = {
      ended: work.then(
        () => {
          this.#running.delete(id)
        },
        (error: unknown) => {
          running.failed = error instanceof Error ? error : new SourceDown('the replay ended')
        }
      ),
      waitUntilMs: performance.now() + settings.waitMs,
      failed: undefined
    }
    this.#running.set(id, running)
    return running
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
      // When one request failed, the others are useless.
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
