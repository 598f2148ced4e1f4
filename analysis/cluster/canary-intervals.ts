import { Fault } from '../../common/fault.ts'
import { member } from '../../common/json.ts'
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
/** `time.ParseDuration` refuses what its 63 bits of nanoseconds do not hold. */
const goMostMs = 2 ** 63 / 1e6

/**
 * The block that an analysis interval gives: Flagger never works faster than every 10 s, and no block is
 * longer than 24 h. Undefined where it is no Go duration: Flagger takes 60 s then
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
 * The analysis intervals of a cluster's Canaries. They are a help, not a need: a cluster without Flagger,
 * or without the right to read its Canaries, has none.
 */
export class CanaryIntervals {
  readonly informers: readonly Informer[]

  constructor(
    places: readonly (string | undefined)[],
    options: Pick<InformerOptions, 'client' | 'clock' | 'logger' | 'times'>
  ) {
    this.informers = places.map(
      namespace => new Informer({ ...options, resource: canaries, selection: { namespace } })
    )
  }

  /** A readiness check: fails only until the API server has answered, whatever it answered. */
  readonly notReadyReason = (): string | undefined =>
    this.informers.find(({ isAnswered }) => !isAnswered)?.notReadyReason()

  /**
   * The block that a Canary's interval gives; undefined where there is no Canary or no interval to read.
   *
   * @throws {Fault} `OBJECTIVES_NOT_READ` while that is not known yet
   */
  block({ namespace, name }: RolloutName): string | undefined {
    if (this.notReadyReason() !== undefined) {
      throw new Fault('OBJECTIVES_NOT_READ', 'the Canaries of the cluster have not been read yet')
    }
    const found = this.informers.map(each => each.get(namespace, name)).find(Boolean)
    const spec = member(found?.body, 'spec')
    // Flagger reads the deprecated name where the other one is absent.
    const analysis = member(spec, 'analysis') ?? member(spec, 'canaryAnalysis')
    const interval = member(analysis, 'interval')
    return typeof interval === 'string' ? blockOfInterval(interval) : undefined
  }
}
