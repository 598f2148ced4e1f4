import { binomial } from '../verdicts/random.ts'
import type { Random } from '../verdicts/random.ts'

/** What one variant is like: predictions are positive, and wrong with a probability. */
export interface Population {
  readonly precision: number
  /** Of lognormal latencies with a deviation of 0.5. */
  readonly p99Ms: number
}

/** What one variant did in an interval. */
export interface Interval {
  /** Latencies of all its requests in milliseconds. */
  readonly latenciesMs: readonly number[]
  /** The first requests have a label. */
  readonly labelled: number
  /** The first of them are wrong. */
  readonly wrong: number
}

const sigma = 0.5
const deviateOf99 = 2.3263478740408408

/** Draws an interval of some requests, of which a share gets a label. */
export function draw(
  random: Random,
  { precision, p99Ms }: Population,
  { requests, labelShare }: { readonly requests: number; readonly labelShare: number }
): Interval {
  const labelled = binomial(random, requests, labelShare)
  const wrong = binomial(random, labelled, Math.round((1 - precision) * 1e6) / 1e6)
  const centre = Math.log(p99Ms) - sigma * deviateOf99
  const latenciesMs = Array.from(
    { length: requests },
    () => Math.round(Math.exp(centre + sigma * random.normal()) * 1e3) / 1e3
  )
  return { latenciesMs, labelled, wrong }
}

/** Which events of an interval are sent to the analysis. */
export interface Sending {
  readonly rollout: string
  readonly variant: 'primary' | 'canary'
  readonly timeMs: number
  /** Prefix of the interval's ids. */
  readonly prefix: string
  /** True where requests without a label matter to no objective. */
  readonly isLabelledOnly: boolean
}

/** The events of an interval. */
export function eventsOf(
  { latenciesMs, labelled, wrong }: Interval,
  { rollout, variant, timeMs, prefix, isLabelledOnly }: Sending
): readonly object[] {
  const time = new Date(timeMs).toISOString()
  const sent = isLabelledOnly ? latenciesMs.slice(0, labelled) : latenciesMs
  return sent.map((latencyMs, index) => {
    const id = `${prefix}-${index}`
    const label = index < wrong ? { label: 0 } : index < labelled ? { label: 1 } : {}
    const data = { rollout, variant, id, predicted: 1, latencyMs, ...label }
    return { specversion: '1.0', id, source: '/bench', type: 'io.mlgitops.prediction', time, data }
  })
}
