import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import type { Analysis } from './analysis.ts'
import { findMLServer, startMLServer } from './mlserver.ts'
import type { MLServer } from './mlserver.ts'
import { Prometheus } from './prometheus.ts'

const pod = 'wine-6b7f9c5d8-k4qzn'

/** Replays against MLServer, if installed: accuracy equals scikit-learn's, and counts equal our requests. */
export async function proveMLServer(
  machine: Machine,
  points: Points,
  analysis: Analysis
): Promise<void> {
  const program = findMLServer(process.env)
  if (program === undefined) {
    points.skip(
      'MLServer',
      'no mlserver on the PATH: pip install mlserver-sklearn, or MLSERVER=FILE'
    )
    return
  }
  const server = await startMLServer(machine, program)
  const { host } = new URL(server.url)
  const metadata = (more: Readonly<Record<string, string>> = {}) => ({
    source: 'replay',
    'replay.url': server.url,
    'replay.dataset': server.dataset,
    'replay.model': 'wine',
    'replay.stop': 'whole',
    'replay.warmup': '0',
    'replay.wait': '60s',
    'accuracy.min': '0.8',
    ...more
  })
  const prometheus = await Prometheus.start(machine, 'prometheus-mlserver')
  prometheus.discover([{ host: server.metricsHost, pod }])
  const counted = {
    source: 'prometheus',
    'prometheus.address': prometheus.url,
    'prometheus.preset': 'mlserver',
    'prometheus.lag': '2s',
    'error-rate.max': '0.5',
    'latency.p99.max': '2500ms',
    block: '1s'
  }
  assert.equal(await analysis.hook('pre-rollout', counted, 'wine'), '200 no-data: no data yet')
  const narrow = `${server.dataset}.narrow`
  writeFileSync(narrow, narrowed(server.dataset))

  await points.check('MLServer: the accuracy is that of scikit-learn', async () => {
    assert.equal(await analysis.hook('pre-rollout', metadata(), 'wine-classes'), passed(server))
  })
  await points.check('MLServer: the highest score of predict_proba is the same class', async () => {
    const objectives = metadata({ 'replay.output': 'predict_proba' })
    assert.equal(await analysis.hook('pre-rollout', objectives, 'wine-scores'), passed(server))
  })
  await points.check('MLServer: its errors are reported and never a verdict', async () => {
    const down = `424 the source is down: ${host} responded with`
    const unknown = metadata({ 'replay.model': 'nope', 'replay.concurrency': '1' })
    assert.equal(
      await analysis.hook('pre-rollout', unknown, 'wine-nope'),
      `${down} 404: Model nope not found`
    )
    const wrong = metadata({ 'replay.dataset': narrow, 'replay.concurrency': '1' })
    assert.equal(await analysis.hook('pre-rollout', wrong, 'wine-narrow'), `${down} 500`)
  })
  await points.check(
    'MLServer: Prometheus counts the requests and the errors among them',
    async () => {
      // Two whole sets, and three tries of one item each for an unknown model and for a narrow item.
      const events = 2 * server.items + 6
      const wanted = { 'error-rate': `6/${events}`, 'latency.p99': `0/${events}` }
      assert.deepEqual(await analysis.ticksUntil(counted, wanted, 'wine'), wanted)
    }
  )
}

function passed({ items, right }: MLServer): string {
  const share = Number((right / items).toPrecision(3))
  return `200 pass: accuracy ${share} of ${items} items, after all ${items} items: it meets 0.8, and no further item can change that`
}

/** The set without the last feature of each item. */
function narrowed(dataset: string): string {
  const lines = readFileSync(dataset, 'utf8').trim().split('\n')
  const items = lines.map(line => JSON.parse(line) as { x: readonly number[]; label: number })
  return items.map(({ x, label }) => `${JSON.stringify({ x: x.slice(0, -1), label })}\n`).join('')
}
