import { Fault } from '../../common/fault.ts'
import { readBaselineFile } from '../baseline/baseline-file.ts'
import type { RolloutName } from '../event/message.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { readAnalysis } from '../settings/read-analysis.ts'
import { pullCounts } from '../prometheus/prometheus-source.ts'
import { Replays } from '../replay/replay-source.ts'
import type { LiveAnalysis, LiveRun, Rollouts } from '../run/rollouts.ts'
import { isStoreUnusable } from '../store/store-unusable.ts'
import type { Store } from '../store/store.ts'
import { checkAddress } from './addresses.ts'
import { SourceDown } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { readNamedFile } from './named-file.ts'
import type { Refreshed } from './refreshed.ts'
import type { SourceRules } from './source-rules.ts'
import { authorization } from './tokens.ts'

/** What sources use. */
export interface SourcesOptions {
  readonly rules: SourceRules
  readonly store: Store
  readonly rollouts: Rollouts
  readonly exchange: Exchange
  readonly nowMs: () => number
}

/** The sources that are read on demand. Concurrent hooks share one read for an analysis. */
export class Sources {
  readonly #options: SourcesOptions
  readonly #replays: Replays
  readonly #pulls = new Map<number, Promise<void>>()

  constructor(options: SourcesOptions) {
    this.#options = options
    this.#replays = new Replays(options)
  }

  /** Stops running replays and keeps their progress. */
  stop(): void {
    this.#replays.stop()
  }

  /** Brings the counts of an analysis up to date. */
  async refresh(run: LiveRun, live: LiveAnalysis, rollout: RolloutName): Promise<Refreshed> {
    try {
      const { source } = live.state.analysis
      if (source === 'prometheus') await this.#pull(run, live, rollout)
      if (source === 'replay') await this.#replays.refresh(live, rollout)
      return { kind: 'fresh' }
    } catch (error) {
      const isOfSource = error instanceof SourceDown || error instanceof Fault
      // `on-error` does not apply to the state: its failure is not the source's.
      if (!isOfSource || isStoreUnusable(error)) throw error
      return { kind: 'unavailable', reason: error.message }
    }
  }

  async #pull(run: LiveRun, live: LiveAnalysis, rollout: RolloutName): Promise<void> {
    const { rules } = this.#options
    const settings = live.state.analysis.prometheus
    if (settings === undefined) return
    const running = this.#pulls.get(live.row.id)
    if (running !== undefined) {
      await running
      return
    }
    const address = settings.address ?? rules.prometheus ?? ''
    const checked = checkAddress(address, rollout.namespace, rules)
    if ('refused' in checked) throw new SourceDown(`prometheus.address: ${checked.refused}`)
    const { url } = checked
    const headers = authorization(url, rules.tokens)
    const pull = pullCounts(this.#options, { rollout, run, live, settings, url, headers })
    this.#pulls.set(live.row.id, pull)
    try {
      await pull
    } finally {
      this.#pulls.delete(live.row.id)
    }
  }
}

/**
 * Completes objective settings before a run uses and stores them.
 *
 * @throws {Fault} `OBJECTIVES_INVALID`
 */
export function prepareSettings(
  settings: ObjectiveSettings,
  { namespace }: RolloutName,
  rules: SourceRules
): ReadonlyMap<string, string> {
  const whole = withBaseline(settings, namespace, rules)
  checkAddresses(readAnalysis(whole), namespace, rules)
  return whole
}

/** The size limit of a ConfigMap. Parsing YAML blocks all other hooks. */
const maxBaselineBytes = 1024 * 1024

/** Adds the values of the baseline file; given settings override them. The run keeps what is read now. */
function withBaseline(
  settings: ObjectiveSettings,
  namespace: string,
  { files }: SourceRules
): ReadonlyMap<string, string> {
  const key = 'baseline.file'
  const name = settings.get(key)
  if (name === undefined) return settings
  try {
    const about = { namespace, key, limitBytes: maxBaselineBytes }
    const baseline = readBaselineFile(readNamedFile(name, about, files), key)
    return new Map([...baseline, ...settings])
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    throw new Fault('OBJECTIVES_INVALID', `the objectives cannot be used: ${error.message}`)
  }
}

/**
 * Rejects addresses that are not allowed, before any request is sent or anything is stored.
 *
 * @throws {Fault} `OBJECTIVES_INVALID`
 */
function checkAddresses(analysis: Analysis, namespace: string, rules: SourceRules): void {
  const problems = addressesOf(analysis, rules).flatMap(([key, address]) => {
    if (address === undefined) {
      return [`${key}: required, because the service has no --prometheus`]
    }
    const checked = checkAddress(address, namespace, rules)
    return 'refused' in checked ? [`${key}: ${checked.refused}`] : []
  })
  if (problems.length === 0) return
  throw new Fault('OBJECTIVES_INVALID', `the objectives cannot be used: ${problems.join('; ')}`)
}

function addressesOf(
  { prometheus, replay }: Analysis,
  rules: SourceRules
): readonly (readonly [key: string, address: string | undefined])[] {
  if (prometheus !== undefined) {
    return [['prometheus.address', prometheus.address ?? rules.prometheus]]
  }
  if (replay === undefined) return []
  const { url, primaryUrl, dataset } = replay
  return [
    ['replay.url', url],
    ...(primaryUrl === undefined ? [] : [['replay.primary-url', primaryUrl] as const]),
    ...(/^https?:/i.test(dataset) ? [['replay.dataset', dataset] as const] : [])
  ]
}
