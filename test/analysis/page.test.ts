import { parseXml } from '@rgrove/parse-xml'
import { createHash } from 'node:crypto'
import path from 'node:path'
import t from 'tap'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import type { Json } from './analysis-requests.ts'
import { InProcess } from './in-process.ts'

const objectives = {
  'precision.min': '0.92',
  'latency.p99.max': '100ms',
  'precision.versus': 'primary',
  maturity: '0s',
  commit: '4e88b67'
}

async function get(url: string, accept = 'text/html') {
  const response = await fetch(url, { headers: { accept } })
  const { status, headers } = response
  return { status, headers, body: await response.text() }
}

/** Runs intervals of a canary analysis, each with the hooks that Flagger calls in one. */
async function roll(service: InProcess, intervals: number, bad = 4): Promise<void> {
  for (let interval = 0; interval < intervals; interval += 1) {
    await service.hook('rollback')
    await service.hook('rollout', objectives)
    await service.hook('confirm-promotion', objectives)
    await service.send('canary', { events: 100, bad })
    await service.send('primary', { events: 300, bad: 12 })
    service.nowMs += 60_000
  }
}

t.test('A page of each rollout: charts, numbers and every hook call, without a script', async t => {
  const service = await new InProcess().start()
  await roll(service, 8)
  const { status, body, headers } = await get(`${service.url}/rollouts/ml/churn`)
  t.equal(status, 200)
  t.equal(headers.get('content-type'), 'text/html; charset=utf-8')
  const style = /<style>([^]*?)<\/style>/.exec(body)?.[1] ?? ''
  const digest = createHash('sha256').update(style).digest('base64')
  t.equal(
    headers.get('content-security-policy'),
    `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
  )
  t.notMatch(body, /<script|\son\w+=|\sstyle=|https?:\/\/|@import|url\(/i)
  t.match(style, '@media (prefers-color-scheme:dark)')
  t.doesNotThrow(() => parseXml(body.replace('<!doctype html>', '')))
  t.equal(body.match(/<svg\s/g)?.length, 6)
  t.equal(body.match(/<title id="objective-\d-\d-(?:evidence|estimate)-title"/g)?.length, 6)
  t.match(body, /8 points\. At the end the evidence is \d+ % of what proves a pass and 0 % of/)
  t.match(body, /At the end 0\.96, interval \[0\.\d+, 0\.\d+\]\. The limit is 0\.92\./)
  t.equal(body.match(/<td data-label="hook">confirm-promotion<\/td>/g)?.length, 8)
  t.match(body, 'inconclusive: precision')
  await service.stop()
})

/** What a reader of the page sees, without the charts. */
function textOf(body: string): string {
  const main = /<main>([^]*)<\/main>/.exec(body)?.[1] ?? ''
  return main
    .replaceAll(/<svg[^]*?<\/svg>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

t.test('The texts of the pages, before a run, while it is running and after it', async t => {
  const service = await new InProcess().start()
  const list = async () => textOf((await get(service.url)).body)
  const page = async (query = '') =>
    textOf((await get(`${service.url}/rollouts/ml/churn${query}`)).body)
  t.equal(
    await list(),
    'Rollouts No rollout has been judged yet. A canary appears here after Flagger has called a hook with objectives: POST /webhook/rollout .'
  )
  t.equal(await page(), 'Rollout or run not found All rollouts')
  await service.hook('rollout', { 'error-rate.max': '0.1' })
  service.nowMs += 90_000
  const noData = 'no data yet'
  t.equal(
    await list(),
    `Rollouts 1 of 1 rollouts, latest hook first canary verdict model commit run last hook reason ml/churn no-data churn – running 1:30 ago ${noData}`
  )
  const head = 'run 1 , checksum c1 started 2026-11-24 12:00:00Z'
  const columns = 'after events bad estimate interval ln E fail ln E pass verdict'
  const section = `error-rate ≤ 0.1 no-data error-rate: ${noData} Evidence, in shares of proof Estimate and interval, as a share of 1 Numbers Values at hook calls:`
  const legend =
    "Legend critical the run passes only when this objective is proved evidence for PASS, as a share of proof evidence for FAIL, as a share of proof where a verdict is proved, and the limit of a metric the canary's estimate, and its interval at all times at once the primary's estimate ▲▼ here the interval goes beyond the axis a hook call that opened a gate, held it, failed the canary, or another time: since the run started, in seconds, minutes:seconds or hours:minutes:seconds"
  const calls =
    'Hook calls The last 1 calls, newest first. The answer to a rollback hook is 404 unless the canary has failed. after hook answer text'
  t.equal(
    await page(),
    `ml/churn no-data model churn commit not given ${head} running for 1:30 ${section} the last 2 of 2 points ${columns} 0 s 0 0 – – – – no-data 1:30 0 0 – – – – no-data ${legend} ${calls} 0 s rollout 200 no-data: ${noData}`
  )
  await service.hook('rollout', { 'error-rate.max': '0.1', commit: '4e88b67' }, { checksum: 'c2' })
  t.match(
    await page('?run=1'),
    `commit not given ${head} ended superseded after 1:30 error-rate ≤ 0.1 no-data no longer judged `
  )
  t.match(await page(), 'commit 4e88b67 run 2 , checksum c2 ')
  await service.hook('post-rollout', {}, { checksum: 'c2', phase: 'Succeeded' })
  t.match(await page(), 'ended Succeeded after 0 s ')
  t.match(
    await page(),
    'Runs run started ended checksum run 2 2026-11-24 12:01:30Z Succeeded c2 run 1 2026-11-24 12:00:00Z superseded c1'
  )
  await service.stop()
})

t.test('Names and messages from outside are escaped', async t => {
  const service = await new InProcess().start()
  const hostile = `"><script>alert('1')</script>&amp;`
  await service.hook('rollout', { ...objectives, model: hostile })
  await service.hook('event', { eventMessage: hostile })
  await service.hook('rollout', { [hostile]: '1' })
  const escaped = '&quot;&gt;&lt;script&gt;alert(&#x27;1&#x27;)&lt;/script&gt;&amp;amp;'
  for (const page of ['/', '/rollouts/ml/churn']) {
    const { body } = await get(`${service.url}${page}`)
    t.match(body, escaped)
    t.notMatch(body, '<script')
    t.doesNotThrow(() => parseXml(body.replace('<!doctype html>', '')))
  }
  await service.stop()
})

t.test('The list in HTML and in JSON; an unknown rollout or run is 404 in both', async t => {
  const service = await new InProcess().start()
  t.match((await get(service.url)).body, 'No rollout has been judged yet')
  await roll(service, 2)
  await service.hook('post-rollout', {}, { phase: 'Failed' })
  const list = await get(`${service.url}/rollouts`)
  t.equal(list.headers.get('content-type'), 'application/json')
  const { rollouts } = JSON.parse(list.body) as { rollouts: Json[] }
  t.match(rollouts, [
    {
      namespace: 'ml',
      name: 'churn',
      model: 'churn',
      commit: '4e88b67',
      verdict: 'inconclusive',
      run: { number: 1, ended: 'Failed', lastHookAt: '2026-11-24T12:01:00.000Z' },
      page: '/rollouts/ml/churn'
    }
  ])
  t.match((await get(service.url)).body, '<a href="/rollouts/ml/churn">ml/churn</a>')
  for (const missing of ['ml/other', 'ml/churn?run=9', '-/-', '%2e%2e/x']) {
    t.equal((await get(`${service.url}/rollouts/${missing}`)).status, 404, missing)
    t.equal((await get(`${service.url}/rollouts/${missing}`, 'application/json')).status, 404)
  }
  t.equal((await get(`${service.url}/rollouts/ml`)).status, 404)
  await service.stop()
})

t.test('The trace of evidence survives a restart and has a bounded size', async t => {
  const file = path.join(t.testdir({}), 'state.db')
  const first = await new InProcess().start({ store: openSqliteStore(file) })
  await roll(first, 3)
  await first.stop()
  const service = await new InProcess().start({ store: openSqliteStore(file) })
  service.nowMs = first.nowMs
  const report = async () => {
    const { body } = await get(`${service.url}/rollouts/ml/churn`, 'application/json')
    return JSON.parse(body) as {
      analyses: { points: { at: string; objectives: Json[] }[] }[]
      hooks: Json[]
      run: Json
    }
  }
  const before = await report()
  t.match(
    before.analyses[0]?.points.map(({ at, objectives: [precision] }) => [at, precision?.events]),
    [
      ['2026-11-24T12:00:00.000Z', 0],
      ['2026-11-24T12:01:00.000Z', 100],
      ['2026-11-24T12:02:00.000Z', 200]
    ]
  )
  t.equal(before.hooks.length, 8, 'a rollback hook before the first run belongs to no run')
  for (let interval = 0; interval < 450; interval += 1) {
    await service.hook('rollout', objectives)
    service.nowMs += 60_000
  }
  const points = (await report()).analyses[0]?.points ?? []
  t.ok(points.length > 200 && points.length <= 401, `${points.length} points`)
  t.equal(points[0]?.at, '2026-11-24T12:00:00.000Z')
  t.equal(points.at(-1)?.at, new Date(service.nowMs - 60_000).toISOString())
  t.equal((await report()).hooks.length, 300)
  await service.stop()
})

t.test('The previous run keeps its page', async t => {
  const service = await new InProcess().start()
  await roll(service, 4, 60)
  await service.hook('post-rollout', {}, { phase: 'Failed' })
  await service.hook('pre-rollout', objectives, { checksum: 'c2' })
  const now = await get(`${service.url}/rollouts/ml/churn`)
  t.match(now.body, /run <b>2<\/b>/)
  t.match(now.body, '<a href="/rollouts/ml/churn?run=1">run 1</a>')
  const old = await get(`${service.url}/rollouts/ml/churn?run=1`)
  t.match(old.body, /ended <b>Failed<\/b> after/)
  t.match(old.body, 'precision 0.4 ')
  await service.stop()
})

t.test('The store keeps 20 runs of a rollout and 2,000 hook calls of a run', async t => {
  const store = openSqliteStore(':memory:')
  const service = await new InProcess().start({ store })
  for (let run = 1; run <= 25; run += 1) {
    await service.hook('pre-rollout', objectives, { checksum: `c${run}` })
    await service.send('canary', { events: 5 })
  }
  const runs = store.rollouts().flatMap(({ id }) => store.runs(id, 100))
  t.same(
    runs.map(({ number }) => number),
    Array.from({ length: 20 }, (_, index) => 25 - index)
  )
  const [last, ...before] = runs.flatMap(({ id }) => store.analyses(id))
  t.equal([...store.changes(last?.id ?? 0)].length, 4)
  t.same(
    before.flatMap(({ id }) => [...store.changes(id)]),
    []
  )
  t.equal(
    before.every(({ id }) => store.trace(id).length === 1),
    true
  )
  const newest = runs[0]?.id ?? 0
  for (let call = 0; call < 2_200; call += 1) {
    store.addHook(newest, { atMs: call, type: 'rollout', status: 200, text: `${call}` })
  }
  const hooks = store.hooks(newest, 9_999)
  t.equal(hooks.length, 2_000)
  t.equal(hooks[0]?.text, '2199')
  await service.stop()
})
