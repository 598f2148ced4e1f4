import { parseArgs } from 'node:util'
import { rollOut, rollOutRaw } from './rollouts/flagger-rollouts.ts'
import type { Ending } from './rollouts/flagger-rollouts.ts'
import { watchAtTheLimits } from './rollouts/looks.ts'

const canaries = [
  ['healthy, 0.94 and 85 ms', { precision: 0.94, p99Ms: 85 }],
  ['precision 0.90', { precision: 0.9, p99Ms: 85 }],
  ['precision 0.85', { precision: 0.85, p99Ms: 85 }],
  ['P99 120 ms', { precision: 0.94, p99Ms: 120 }]
] as const

/**
 * `npm run bench:rollouts [-- --reps 1000 --looks-reps 400 --seed 5]`: whole rollouts through the HTTP hooks of
 * a service with a simulated clock, and the same with raw thresholds.
 */
async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      reps: { type: 'string', default: '1000' },
      'looks-reps': { type: 'string', default: '400' },
      requests: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '20261124' }
    }
  })
  const [reps, seed, requests] = [values.reps, values.seed, values.requests].map(Number)
  if (reps === undefined || seed === undefined || requests === undefined) return
  say(`${requests} requests an interval, ${reps} rollouts a row, seed ${seed}`)
  say('canary                    mlgitops                raw T=5                 raw T=1')
  for (const [name, canary] of canaries) {
    const world = { reps, seed, requests, canary }
    const ours = share(await rollOut(world))
    const [five, one] = [5, 1].map(threshold => share(rollOutRaw(world, threshold)))
    say(`${name.padEnd(26)}${ours.padEnd(24)}${(five ?? '').padEnd(24)}${one ?? ''}`)
  }
  say('promoted / rolled back / inconclusive after 40 intervals, percent [median intervals]')
  const looksReps = Number(values['looks-reps'])
  const first = await watchAtTheLimits({ reps: looksReps, seed, looks: 500 })
  say(`\nfalse rollbacks of ${looksReps} canaries at both limits, 20 requests a look, alpha 1 %`)
  for (const looks of [1, 5, 20, 100, 500]) {
    const failed = first.filter(at => at <= looks).length
    say(`${String(looks).padStart(4)} looks: ${((100 * failed) / looksReps).toFixed(2)} %`)
  }
}

function share(endings: readonly Ending[]): string {
  const percent = (kind: Ending['kind']) => {
    const own = endings.filter(ending => ending.kind === kind)
    return ((100 * own.length) / endings.length).toFixed(1)
  }
  const sorted = endings.map(({ intervals }) => intervals).sort((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return `${percent('promoted')} / ${percent('rolled back')} / ${percent('inconclusive')} [${median}]`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await bench()
