import { seeded } from '../verdicts/random.ts'
import { draw, eventsOf } from './population.ts'
import { SimulatedService } from './service.ts'

/** When a canary at its limits is rolled back. */
export interface Looks {
  readonly reps: number
  readonly seed: number
  /** How often each is judged. */
  readonly looks: number
}

const intervalMs = 60_000
const rolloutsPerService = 20
const requests = 20

const metadata = {
  'precision.min': '0.92',
  'latency.p99.max': '100ms',
  maturity: '0s',
  'max-analysis': '2160h',
  'on-inconclusive': 'hold'
}

/**
 * The first look at which each canary is rolled back by the rollback hook, Infinity for never. Each is
 * exactly at both its limits: precision 0.92, 1 % of requests slower than 100 ms.
 */
export async function watchAtTheLimits({ reps, seed, looks }: Looks): Promise<readonly number[]> {
  const random = seeded(seed)
  const population = { precision: 0.92, p99Ms: 100 }
  const first: number[] = []
  let service = await new SimulatedService().start()
  for (let rep = 0; rep < reps; rep += 1) {
    if (rep > 0 && rep % rolloutsPerService === 0) {
      await service.stop()
      service = await new SimulatedService().start()
    }
    const name = `limit-${rep}`
    const call = { name, namespace: 'ml', phase: 'Progressing', checksum: 'c' }
    const hook = async (type: string, given: object) =>
      await service.post(
        `/webhook/${type}`,
        'application/json',
        JSON.stringify({ ...call, ...given })
      )
    await hook('rollout', { metadata })
    let rolledBackAt = Infinity
    for (let look = 1; look <= looks && rolledBackAt === Infinity; look += 1) {
      const interval = draw(random, population, { requests, labelShare: 1 })
      const sending = { rollout: `ml/${name}`, variant: 'canary', isLabelledOnly: false } as const
      await service.send(
        eventsOf(interval, { ...sending, timeMs: service.nowMs, prefix: `${look}` })
      )
      service.nowMs += intervalMs
      if ((await hook('rollback', {})).status === 200) rolledBackAt = look
    }
    first.push(rolledBackAt)
  }
  await service.stop()
  return first
}
