import { Fault } from '../../common/fault.ts'
import { isJsonArray, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { Informer } from '../../service/kubernetes/informer.ts'
import type { InformerOptions } from '../../service/kubernetes/informer.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
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
 * The analysis intervals of a cluster's Canaries. They are optional: without Flagger, or without the
 * permission to read its Canaries, there are none.
 */
export class CanaryIntervals {
  readonly informers: readonly Informer[]

  constructor(
    scopes: readonly (string | undefined)[],
    options: Pick<InformerOptions, 'client' | 'clock' | 'logger' | 'times'>
  ) {
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
    if (this.notReadyReason() !== undefined) {
      throw new Fault('OBJECTIVES_NOT_READ', 'the Canaries of the cluster have not been read yet')
    }
    const interval = member(this.#analysisOf(rollout), 'interval')
    return typeof interval === 'string' ? blockOfInterval(interval) : undefined
  }

  /**
   * Whether a Canary has match rules: Flagger then sends requests with a header or cookie to the canary, and nobody
   * else's (flagger pkg/apis/flagger/v1beta1/canary.go, CanaryAnalysis.Match). False while that is unknown.
   */
  isByMatch(rollout: RolloutName): boolean {
    const match = member(this.#analysisOf(rollout), 'match')
    return isJsonArray(match) && match.length > 0
  }

  #analysisOf({ namespace, name }: RolloutName): JsonValue | undefined {
    const found = this.informers.map(each => each.get(namespace, name)).find(Boolean)
    const spec = member(found?.body, 'spec')
    // Flagger falls back to the deprecated name.
    return member(spec, 'analysis') ?? member(spec, 'canaryAnalysis')
  }
}
