import { eventually } from '../rig/eventually.ts'
import type { Bench } from './bench.ts'
import type { Behaviour, Load } from './traffic.ts'

/** What most rollouts are judged by. */
export const objectives = {
  'precision.min': '0.92',
  'latency.p99.max': '100ms',
  'latency.p99.critical': 'true',
  maturity: '5s',
  block: '1s',
  'max-analysis': '5m'
} as const

export const healthy: Behaviour = { rate: 60, badRatio: 0.02, latencyMs: 40 }
export const primary: Behaviour = { rate: 100, badRatio: 0.03, latencyMs: 40 }
/** So few and so close to the limit that neither side is proved for minutes. */
export const unclear: Behaviour = { rate: 2, badRatio: 0.09, latencyMs: 40 }

/** Rolls a version out, with traffic from when Flagger gives it some until the next one. */
export async function roll(bench: Bench, name: string, load: Load, version = 'v2'): Promise<void> {
  bench.send(name, {})
  await bench.deploy(name, version)
  await bench.phase(name, 'Progressing')
  await eventually(
    async () => {
      const { canaryWeight, iterations } = await bench.status(name)
      return Number(canaryWeight ?? 0) + Number(iterations ?? 0) > 0 || undefined
    },
    { what: `${name} gets traffic` }
  )
  bench.send(name, load)
}
