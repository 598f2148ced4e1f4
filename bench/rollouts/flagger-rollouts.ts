import { CanaryController } from '../../bin/demo/flagger/canary-controller.ts'
import type { CallWebhook } from '../../bin/demo/flagger/canary-controller.ts'
import { seeded } from '../verdicts/random.ts'
import type { Random } from '../verdicts/random.ts'
import { draw, eventsOf } from './population.ts'
import type { Population } from './population.ts'
import { SimulatedService } from './service.ts'

/** How a rollout ended, after how many intervals. */
export interface Ending {
  readonly kind: 'promoted' | 'rolled back' | 'inconclusive'
  readonly intervals: number
}

/** Some rollouts of the same canary. */
export interface Rollouts {
  readonly reps: number
  readonly seed: number
  readonly canary: Population
  /** Requests of both variants in an interval. */
  readonly requests: number
}

const intervalMs = 60_000
const mostIntervals = 40
const rolloutsPerService = 50
const labelShare = 0.3
const primary: Population = { precision: 0.94, p99Ms: 85 }

const metadata = {
  'precision.min': '0.92',
  'precision.versus': 'primary',
  'latency.p99.max': '100ms',
  'latency.p99.critical': 'true',
  maturity: '0s',
  'max-analysis': '2160h',
  'on-inconclusive': 'hold'
}

const judged = ['pre-rollout', 'rollout', 'confirm-traffic-increase', 'confirm-promotion']

/**
 * The rollouts of docs/benchmarks.md#verdicts through the hooks: weights of 5 to 50 % in steps of 5, a third
 * of the requests with a label, three objectives, FAIL by the rollback hook, PASS required for promotion.
 */
export async function rollOut({
  reps,
  seed,
  canary,
  requests
}: Rollouts): Promise<readonly Ending[]> {
  const random = seeded(seed)
  const endings: Ending[] = []
  let service = await new SimulatedService().start()
  for (let rep = 0; rep < reps; rep += 1) {
    if (rep > 0 && rep % rolloutsPerService === 0) {
      await service.stop()
      service = await new SimulatedService().start()
    }
    endings.push(await rollOutOne(service, `canary-${rep}`, { random, canary, requests }))
  }
  await service.stop()
  return endings
}

async function rollOutOne(
  service: SimulatedService,
  name: string,
  world: { readonly random: Random; readonly canary: Population; readonly requests: number }
): Promise<Ending> {
  const controller = controllerOf(name, async ({ type }, payload) => {
    const answer = await service.post(
      `/webhook/${type}`,
      'application/json',
      JSON.stringify(payload)
    )
    return answer.status <= 202
      ? { isPassed: true, text: '' }
      : { isPassed: false, text: answer.text }
  })
  controller.deploy('c')
  await controller.tick()
  await controller.tick()
  let intervals = 0
  for (; intervals < mostIntervals && !controller.isOver; intervals += 1) {
    const share = controller.weight / 100
    const arms = [
      ['canary', world.canary, Math.round(world.requests * share)],
      ['primary', primary, Math.round(world.requests * (1 - share))]
    ] as const
    for (const [variant, population, count] of arms) {
      const drawn = draw(world.random, population, { requests: count, labelShare })
      const sending = { rollout: `ml/${name}`, variant, timeMs: service.nowMs }
      const prefix = `${variant}-${intervals}`
      await service.send(
        eventsOf(drawn, { ...sending, prefix, isLabelledOnly: variant === 'primary' })
      )
    }
    service.nowMs += intervalMs
    await controller.tick()
  }
  const kinds = { Succeeded: 'promoted', Failed: 'rolled back' } as const
  const { phase } = controller
  const kind = phase === 'Succeeded' || phase === 'Failed' ? kinds[phase] : 'inconclusive'
  return { kind, intervals }
}

function controllerOf(name: string, call: CallWebhook): CanaryController {
  const types = [...judged, 'rollback', 'post-rollout']
  return new CanaryController(
    {
      namespace: 'ml',
      name,
      stepWeight: 5,
      maxWeight: 50,
      threshold: 5,
      webhooks: types.map(type => ({
        name: type,
        type,
        url: '',
        ...(judged.includes(type) ? { metadata } : {})
      }))
    },
    call
  )
}

/**
 * The same canaries with raw thresholds, as Flagger judges its metrics: an interval beyond a limit is a
 * failed check and advances nothing, `threshold` of them roll back.
 */
export function rollOutRaw(
  { reps, seed, canary, requests }: Rollouts,
  threshold: number
): readonly Ending[] {
  const random = seeded(seed)
  return Array.from({ length: reps }, () => {
    let [weight, failed] = [5, 0]
    for (let intervals = 1; intervals <= mostIntervals; intervals += 1) {
      const count = Math.round((requests * weight) / 100)
      const own = draw(random, canary, { requests: count, labelShare })
      const other = draw(random, primary, { requests: requests - count, labelShare })
      if (isWithin(own, other)) weight += 5
      else failed += 1
      if (failed >= threshold) return { kind: 'rolled back', intervals } as const
      if (weight > 50) return { kind: 'promoted', intervals } as const
    }
    return { kind: 'inconclusive', intervals: mostIntervals } as const
  })
}

type Drawn = ReturnType<typeof draw>

function isWithin(own: Drawn, other: Drawn): boolean {
  const precisionOf = ({ labelled, wrong }: Drawn) => 1 - wrong / labelled
  const sorted = own.latenciesMs.toSorted((a, b) => a - b)
  const p99Ms = sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? 0
  const precision = precisionOf(own)
  return precision >= 0.92 && p99Ms <= 100 && precision >= precisionOf(other) - 0.02
}
