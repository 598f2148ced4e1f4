import { Fault } from '../../common/fault.ts'
import { isJsonArray, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { Informer } from '../../service/kubernetes/informer.ts'
import type { InformerOptions } from '../../service/kubernetes/informer.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
import type { Logger } from '../../service/log.ts'
import { analysisOfCanary, noWords, readCanaryWords } from '../canary/canary-words.ts'
import type { CanaryWords } from '../canary/canary-words.ts'
import type { RolloutName } from '../event/message.ts'
import { durationMs } from '../settings/value.ts'

/** Flagger's Canaries. */
export const canaries: Resource = {
  group: 'flagger.app',
  version: 'v1beta1',
  plural: 'canaries',
  kind: 'Canary'
}

const leastMs = 10_000
const mostMs = 86_400_000
/** `time.ParseDuration` rejects what does not fit in 63 bits of nanoseconds. */
const goMostMs = 2 ** 63 / 1e6

/**
 * Returns the block for an analysis interval, from 10 s, Flagger's shortest interval, to 24 h. Undefined if
 * the interval is not a Go duration: Flagger uses 60 s then
 * (flagger pkg/apis/flagger/v1beta1/canary.go, GetAnalysisInterval).
 */
export function blockOfInterval(interval: string): string | undefined {
  const amount = /^[+-]/.test(interval) ? interval.slice(1) : interval
  const reading = durationMs(0, goMostMs)(amount)
  if (!('value' in reading)) return undefined
  if (interval.startsWith('-') || reading.value < leastMs) return '10s'
  return reading.value > mostMs ? '24h' : amount
}

/**
 * The Canaries of a cluster. They are optional: without Flagger, or without the permission to read its Canaries,
 * there are none.
 */
export class Canaries {
  readonly informers: readonly Informer[]
  readonly #logger: Logger
  /** Read once for each version of a Canary. */
  readonly #words = new WeakMap<JsonObject, CanaryWords>()

  constructor(
    scopes: readonly (string | undefined)[],
    options: Pick<InformerOptions, 'client' | 'clock' | 'logger' | 'times'>
  ) {
    this.#logger = options.logger
    this.informers = scopes.map(
      namespace => new Informer({ ...options, resource: canaries, selection: { namespace } })
    )
  }

  /** A readiness check. It fails only until the API server has answered, with any result. */
  readonly notReadyReason = (): string | undefined =>
    this.informers.find(({ isAnswered }) => !isAnswered)?.notReadyReason()

  /**
   * Returns the block for a Canary's interval; undefined without a Canary or a valid interval.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is unknown
   */
  block(rollout: RolloutName): string | undefined {
    this.#requireAnswer()
    const interval = member(this.#analysisOf(rollout), 'interval')
    return typeof interval === 'string' ? blockOfInterval(interval) : undefined
  }

  /**
   * Returns what the metrics of a Canary say; nothing without a Canary. What cannot be judged is logged once for
   * each version of the Canary.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is unknown
   */
  words(rollout: RolloutName): CanaryWords {
    this.#requireAnswer()
    const canary = this.#find(rollout)
    if (canary === undefined) return noWords
    const known = this.#words.get(canary)
    if (known !== undefined) return known
    const words = readCanaryWords(canary)
    this.#words.set(canary, words)
    this.#log(words, rollout)
    return words
  }

  /**
   * Whether a Canary has match rules: Flagger then sends requests with a header or cookie to the canary, and nobody
   * else's (flagger pkg/apis/flagger/v1beta1/canary.go, CanaryAnalysis.Match). False while that is unknown.
   */
  isByMatch(rollout: RolloutName): boolean {
    const match = member(this.#analysisOf(rollout), 'match')
    return isJsonArray(match) && match.length > 0
  }

  #requireAnswer(): void {
    if (this.notReadyReason() === undefined) return
    throw new Fault('OBJECTIVES_NOT_READ', 'the Canaries of the cluster have not been read yet')
  }

  #find({ namespace, name }: RolloutName): JsonObject | undefined {
    return this.informers.map(each => each.get(namespace, name)).find(Boolean)?.body
  }

  #analysisOf(rollout: RolloutName): JsonValue | undefined {
    return analysisOfCanary(this.#find(rollout)).analysis
  }

  #log({ unjudged, problems }: CanaryWords, { namespace, name }: RolloutName): void {
    const where = `canary ${namespace}/${name}`
    if (unjudged.length > 0) {
      this.#logger.warn('metrics of a Canary are not judged here', {
        where,
        metrics: unjudged.join(', ')
      })
    }
    for (const { field, problem } of problems) {
      this.#logger.error('cannot use a metric of a Canary; refusing its hooks', {
        where: `${where}: ${field}`,
        error: problem
      })
    }
  }
}
