import assert from 'node:assert/strict'
import { eventually } from '../rig/eventually.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import { Analysis } from './analysis.ts'
import { countsOf, predictionsOf, scraped } from './log.ts'
import type { Entry } from './log.ts'
import { ModelServer } from './model-server.ts'
import type { Load } from './model-server.ts'
import { Prometheus } from './prometheus.ts'

/** A rollout whose counts come from Prometheus, with its servers and processes. */
interface Rollout {
  readonly prometheus: Prometheus
  readonly analysis: Analysis
  readonly primary: ModelServer
  readonly canaries: readonly ModelServer[]
  /** Entries in the canaries' logs when the run started. */
  readonly before: number
}

const load: Load = { requests: 150, failing: 0.03, slow: 0.05, wrong: 0.05 }
const pods = {
  primary: 'churn-primary-6c5d7f8b9c-x7k2p',
  canaries: ['churn-5d8f4c7b6d-bq2mt', 'churn-5d8f4c7b6d-w9zrl']
} as const

function metadata({ prometheus }: Pick<Rollout, 'prometheus'>) {
  return {
    source: 'prometheus',
    'prometheus.address': prometheus.url,
    'prometheus.requests': 'inference_requests_total',
    'prometheus.errors': 'inference_requests_total{code="500"}',
    'prometheus.latency': 'inference_duration_seconds_bucket',
    'prometheus.true-positives': 'inference_labelled_total{outcome="true-positive"}',
    'prometheus.false-positives': 'inference_labelled_total{outcome="false-positive"}',
    'prometheus.lag': '2s',
    'prometheus.timeout': '2s',
    'error-rate.max': '0.1',
    'error-rate.versus': 'primary',
    'latency.p50.max': '250ms',
    'precision.min': '0.8',
    block: '1s'
  }
}

/** Tests the counts from a real Prometheus against the logs of servers that are killed. */
export async function proveScraped(machine: Machine, points: Points): Promise<void> {
  const rollout = await begin(machine)
  const { prometheus, analysis, primary, canaries } = rollout
  const [first, second] = canaries
  const objectives = metadata(rollout)
  if (first === undefined || second === undefined) throw new Error('two pods are the canary')

  await points.check(
    'a pod that restarts and a new pod: counts are those of their logs',
    async () => {
      await Promise.all([first.serve(load), primary.serve(load)])
      await analysis.tick(objectives)
      await prometheus.hasAllOf(first)
      await first.restart()
      await Promise.all([first.serve(load), primary.serve(load)])
      await analysis.tick(objectives)
      prometheus.discover([first, second, primary])
      await Promise.all([first, second, primary].map(server => server.serve(load)))
      await prometheus.hasAllOf(first, second)
      await expectCounts(rollout)
      const events = predictionsOf(scrapedEntries(rollout)).length
      assert.equal(events, 4 * load.requests)
    }
  )
  await points.check(
    'a pod that is killed between two hooks: only what was scraped counts',
    async () => {
      const serving = second.serve({ ...load, requests: 2_000 }).catch(() => undefined)
      await prometheus.hasSeen(second.pod, predictions => predictions > 2 * load.requests)
      await second.restart()
      await serving
      await prometheus.hasSeen(second.pod, predictions => predictions === 0)
      await second.serve({ ...load, requests: 3 * load.requests })
      await prometheus.hasAllOf(second)
      await expectCounts(rollout)
    }
  )
  await points.check('Prometheus is killed: the source is down, and nothing is lost', async () => {
    const before = await analysis.counts()
    await prometheus.kill()
    const { host } = new URL(prometheus.url)
    const down = `the source is down: ${host} cannot be reached (ECONNREFUSED)`
    assert.deepEqual(await analysis.tick(objectives), [`404 ${down}`, `424 ${down}`, `424 ${down}`])
    assert.deepEqual(await analysis.counts(), before)
    await Promise.all([first.serve(load), primary.serve(load)])
    await prometheus.comeBack()
    await prometheus.hasAllOf(first)
    await expectCounts(rollout)
  })
  await points.check('Prometheus hangs: the source is down, and nothing is lost', async () => {
    const before = await analysis.counts()
    prometheus.signal('SIGSTOP')
    const { host } = new URL(prometheus.url)
    const down = `the source is down: ${host} did not respond in time`
    try {
      assert.deepEqual(await analysis.hook('rollout', objectives), `424 ${down}`)
      assert.deepEqual(await analysis.hook('rollback', {}), `404 ${down}`)
      assert.deepEqual(await analysis.counts(), before)
      await first.serve(load)
    } finally {
      prometheus.signal('SIGCONT')
    }
    await prometheus.hasAllOf(first)
    await expectCounts(rollout)
  })
  await points.check('objectives that are named late count the whole run: the same', async () => {
    const late = { ...objectives, 'error-rate.max': '0.11' }
    const { 'error-rate': wanted } = countsOf(scrapedEntries(rollout))
    const counted = await eventually(
      async () => {
        await analysis.hook('rollout', late)
        const { 'error-rate': last } = await analysis.counts()
        return last === undefined || last.endsWith('/0') ? undefined : last
      },
      { what: 'a count of the late objectives' }
    )
    assert.equal(counted, wanted)
  })
  await points.check('the verdict on these counts promotes the canary', async () => {
    const [, labels = ''] = countsOf(scrapedEntries(rollout)).precision.split('/')
    const answer = await analysis.hook('confirm-promotion', objectives)
    const passed =
      /^200 pass: precision at least 0\.9\d*; limit .*; estimate 0\.9\d* of (\d+) events/.exec(
        answer
      )
    assert.equal(passed?.[1], labels, answer)
  })
}

async function begin(machine: Machine): Promise<Rollout> {
  const prometheus = await Prometheus.start(machine, 'prometheus')
  const analysis = await Analysis.start(machine, 'analysis-prometheus')
  const primary = await ModelServer.start(machine, pods.primary)
  const canaries = await Promise.all(pods.canaries.map(pod => ModelServer.start(machine, pod)))
  const [first] = canaries
  if (first === undefined) throw new Error('there is no canary')
  prometheus.discover([first, primary])
  await Promise.all([first.serve({ requests: 20 }), primary.serve(load)])
  await prometheus.hasAllOf(first, primary)
  const before = scraped(first.entries).length
  assert.equal(
    await analysis.hook('pre-rollout', metadata({ prometheus })),
    '200 no-data: no data yet'
  )
  return { prometheus, analysis, primary, canaries, before }
}

/** What Prometheus scraped of the canary since the run started. */
function scrapedEntries({ canaries, before }: Rollout): readonly Entry[] {
  return canaries.flatMap(({ entries }, at) => scraped(entries).slice(at === 0 ? before : 0))
}

async function expectCounts(rollout: Rollout): Promise<void> {
  const own = countsOf(scrapedEntries(rollout))
  const wanted = {
    'error-rate': own['error-rate'],
    'error-rate versus primary': own['error-rate'],
    'latency.p50': own['latency.p50'],
    precision: own.precision
  }
  assert.deepEqual(await rollout.analysis.ticksUntil(metadata(rollout), wanted), wanted)
}
