import { perToken } from '../settings/metric.ts'
import type { Outcome } from './outcome.ts'

/**
 * Returns a latency by its name, in milliseconds: that of the request without a name, the time per token from the
 * tokens per second. Undefined if the event did not have it.
 */
export function latencyOf(
  { latencyMs, measures = {} }: Outcome,
  name: string | undefined
): number | undefined {
  if (name === undefined) return latencyMs
  if (name === perToken) {
    const { tokensPerSecond } = measures
    return tokensPerSecond === undefined ? undefined : 1_000 / tokensPerSecond
  }
  const { latenciesMs = {} } = measures
  return Object.hasOwn(latenciesMs, name) ? latenciesMs[name] : undefined
}
