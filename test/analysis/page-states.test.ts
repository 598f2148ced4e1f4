import t from 'tap'
import { post } from './analysis-requests.ts'
import { InProcess } from './in-process.ts'
import { PrometheusHarness } from './prometheus-harness.ts'
import { noSources } from '../../analysis/source/source-rules.ts'

const mature = { maturity: '0s', block: '10s' }

async function page(service: InProcess, path = '/rollouts/ml/churn'): Promise<string> {
  return await (await fetch(`${service.url}${path}`)).text()
}

/** What a reader sees of a part of the page. */
function textOf(html: string): string {
  return html
    .replaceAll(/<svg[^]*?<\/svg>/g, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

function headOf(html: string): string {
  return textOf(/<h1>([^]*?)<ul class="facts">/.exec(html)?.[1] ?? '')
}

/** Intervals of a canary that is as good as the primary. */
async function roll(service: InProcess, metadata: Readonly<Record<string, string>>): Promise<void> {
  for (const events of [20, 200, 400]) {
    await service.hook('rollout', metadata)
    await service.send('canary', { events, bad: events / 20 })
    await service.send('primary', { events: 300, bad: 15 })
    service.nowMs += 60_000
  }
  await service.hook('rollout', metadata)
}

t.test('the head says only what no objective says', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  const metadata = { ...mature, 'precision.min': '0.92', 'max-analysis': '2m' }
  await service.hook('rollout', metadata)
  await service.send('canary', { events: 40, bad: 2 })
  t.equal(headOf(await page(service)), 'ml/churn inconclusive', 'the objective has the reason')
  service.nowMs += 300_000
  const settled = await page(service)
  t.match(
    headOf(settled),
    /^ml\/churn fail the policy on-inconclusive: fail decided after max-analysis, not the evidence: precision between /
  )
  t.equal(settled.match(/<p class="muted">precision between/g)?.length, 1)
})

t.test('critical objectives are marked, and a comparison shows both sides', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  const metadata = { ...mature, 'precision.versus': 'primary', 'error-rate.max': '0.05' }
  await roll(service, metadata)
  const body = await page(service)
  const heads = [...body.matchAll(/<h2 id="objective[^>]*>([^]*?)<\/h2>/g)].map(([, html]) =>
    textOf(html ?? '')
  )
  t.same(heads, ['precision versus primary inconclusive critical', 'error-rate ≤ 0.05 pass'])
  t.match(body, '<polyline class="line primary"')
  t.match(body, 'At the end 0.95, interval [0.906, 0.978]. The primary&#x27;s is 0.95.')
  t.match(
    textOf(body),
    "estimate interval primary's events bad estimate ln E fail ln E pass verdict"
  )
  t.match(textOf(body), /620 31 0\.95 \[0\.906, 0\.978\] 900 45 0\.95 /)
})

t.test('the axis is that of the last interval, and what goes beyond it is marked', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  await roll(service, { ...mature, 'precision.min': '0.92' })
  const body = await page(service)
  const estimates = /<svg[^>]*objective-0-0-estimate[^]*?<\/svg>/.exec(body)?.[0] ?? ''
  const labels = [...estimates.matchAll(/<text[^>]*text-anchor="end">([^<]*)</g)].map(
    ([, text]) => text
  )
  t.same(labels, ['0.9', '0.92', '0.94', '0.96', '0.98', 'limit 0.92'], 'from 0.906 to 0.978')
  t.equal(
    estimates.match(/<polygon class="cut"/g)?.length,
    4,
    'both ends after 20 events, and after 220'
  )
})

t.test('pages load again by themselves, without a script, until the run is over', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  const refresh = '<meta http-equiv="refresh" content="15" />'
  await service.hook('rollout', { ...mature, 'precision.min': '0.92' })
  t.match(await page(service, '/'), refresh)
  t.match(await page(service), refresh)
  await service.hook('post-rollout', {}, { phase: 'Failed' })
  t.notMatch(await page(service), 'http-equiv="refresh"')
  t.match(await page(service, '/'), refresh)
})

t.test('a source that is down is in the head and in the list until it is read again', async t => {
  const prometheus = new PrometheusHarness()
  const address = await prometheus.listen()
  t.teardown(() => {
    prometheus.close()
  })
  const service = await new InProcess().start({ sources: { ...noSources, isLocal: true } })
  t.teardown(() => service.stop())
  const metadata = {
    'error-rate.max': '0.05',
    source: 'prometheus',
    'prometheus.address': address,
    'prometheus.preset': 'istio',
    'prometheus.target': 'churn'
  }
  prometheus.misbehave = response => response.writeHead(503).end()
  t.match(await service.hook('rollout', metadata), { status: 424 })
  const down = /^ml\/churn no-data source down the source is down: .* 503/
  t.match(headOf(await page(service)), down)
  t.match(textOf(await page(service, '/')), /ml\/churn no-data source down .* the source is down: /)
  const list = await fetch(`${service.url}/rollouts`)
  t.match(await list.json(), { rollouts: [{ sourceDown: /503/ }] })
  const verdict = async () =>
    (await fetch(`${service.url}/v1/verdict?namespace=ml&name=churn`)).json()
  t.match(await verdict(), { verdict: 'no-data', sourceDown: /503/ })
  prometheus.misbehave = undefined
  t.match(await service.hook('rollout', metadata), { status: 200 })
  t.equal(headOf(await page(service)), 'ml/churn no-data')
  t.match(await verdict(), { sourceDown: null })
})

t.test('in every table that a narrow screen stacks, each cell names its column', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  await service.hook('rollout', { ...mature, 'precision.min': '0.92' })
  await service.hook('rollout', { ...mature, 'precision.min': '0.92' }, { checksum: 'c2' })
  await service.send('canary', { events: 1, rollout: 'ml/other' })
  for (const path of ['/', '/rollouts/ml/churn']) {
    const body = await page(service, path)
    const tables = body.match(/<table[^]*?<\/table>/g) ?? []
    const stacked = tables.filter(table => table.startsWith('<table class="stack">'))
    t.equal(stacked.length, 2, path)
    for (const table of stacked) {
      const columns = table.match(/<th /g)?.length
      const [row = ''] = /<tbody>[^]*?<\/tr>/.exec(table) ?? []
      t.equal(row.match(/<td[^>]* data-label="[a-z ]+"/g)?.length, columns, path)
    }
    const rest = body.replaceAll(/<table class="stack">[^]*?<\/table>/g, '')
    t.equal(
      rest.match(/<table/g)?.length ?? 0,
      rest.match(/<div class="scroll" tabindex="0" role="region"/g)?.length ?? 0,
      'other tables scroll, with the keyboard too'
    )
  }
})

t.test('a text of a hook is whole on the page', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  await service.hook('rollout', { ...mature, 'precision.min': '0.92' })
  const eventMessage = `the beginning, ${'a long message, '.repeat(40)}the end`
  const body = JSON.stringify({
    ...{ name: 'churn', namespace: 'ml', phase: 'Progressing', checksum: 'c1' },
    metadata: { eventMessage }
  })
  await post(`${service.url}/webhook/event`, body, { 'content-type': 'application/json' })
  t.match(await page(service), eventMessage)
})
