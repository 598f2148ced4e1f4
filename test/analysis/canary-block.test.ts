import path from 'node:path'
import t from 'tap'
import { blockOfInterval } from '../../analysis/cluster/canaries.ts'
import { openSqliteStore } from '../../analysis/store/sqlite-store.ts'
import type { Store } from '../../analysis/store/store.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { until } from '../service/loopback.ts'
import { analysisObject, good, prepare, readCluster } from './cluster-service.ts'
import { InProcess } from './in-process.ts'

const asked = { 'precision.min': '0.9' }

function canary(analysis: JsonValue, name = 'churn'): JsonObject {
  const metadata = { name, namespace: 'ml' }
  return { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', metadata, spec: { analysis } }
}

/** The blocks of the newest run's analyses, as they are stored. */
function blocks(store: Store, name = 'churn'): readonly (string | undefined)[] {
  const rollout = store.rollouts().find(row => row.name === name)
  const run = rollout && store.lastRun(rollout.id)
  return run === undefined ? [] : store.analyses(run.id).map(row => row.settings.get('block'))
}

const reasons = (objectives: Awaited<ReturnType<typeof prepare>>['objectives']) =>
  Object.entries(objectives.checks).flatMap(([name, check]) => {
    const reason = check()
    return reason === undefined ? [] : [`${name}: ${reason}`]
  })

t.test("an interval is read by Flagger's rules and bounded like a block", t => {
  const read = (text: string) => blockOfInterval(text) ?? 'unreadable'
  t.same(['30s', '1m30s', '1.5h', '+2m', '24h'].map(read), ['30s', '1m30s', '1.5h', '2m', '24h'])
  t.same(['9.9s', '0', '1ns', '-5m', '-9h'].map(read), ['10s', '10s', '10s', '10s', '10s'])
  t.same(['25h', '2562047h'].map(read), ['24h', '24h'], "up to Go's longest duration")
  for (const text of ['', '90', '1d', '30sX', '--1m', ' 1m', '2562048h', '9'.repeat(1e6) + 's']) {
    t.equal(read(text), 'unreadable', text.slice(0, 20))
  }
  t.end()
})

t.test("without a given block, a run has its Canary's interval", async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('canaries', canary({ interval: '30s' }))
  server.put('canaries', canary({ interval: '20s' }, 'declared'))
  server.put('canaries', canary({ interval: 'soon' }, 'unreadable'))
  server.put('canaries', canary({ interval: 7 }, 'number'))
  server.put('canaries', canary({ interval: '-1h' }, 'negative'))
  server.put('canaries', canary({ interval: '99999h' }, 'huge'))
  const old = { canaryAnalysis: { interval: '40s' } }
  server.put('canaries', { ...canary({}, 'deprecated'), spec: old })
  server.put('modelanalyses', analysisObject({ precision: { min: 0.9 } }, 'declared'))
  server.put('modelanalyses', analysisObject(good, 'given'))
  server.put('canaries', canary({ interval: '30s' }, 'given'))
  const store = openSqliteStore(':memory:')
  await service.start({ objectives, store })
  await until(() => reasons(objectives).length === 0)
  const blockOf = async (name: string, metadata = {}) => {
    t.equal((await service.hook('rollout', metadata, { name })).status, 200, name)
    return blocks(store, name)
  }
  t.same(await blockOf('churn', asked), ['30s'])
  t.same(await blockOf('declared'), ['20s'])
  t.same(await blockOf('given'), ['1s'])
  t.same(await blockOf('given', { block: '100ms' }), ['1s', '100ms'])
  t.same(await blockOf('unreadable', asked), ['1m'])
  t.same(await blockOf('number', asked), ['1m'])
  t.same(await blockOf('negative', asked), ['10s'])
  t.same(await blockOf('huge', asked), ['24h'])
  t.same(await blockOf('deprecated', asked), ['40s'])
  t.same(await blockOf('nobody', asked), ['1m'])
})

t.test('a changed interval counts from the next run; a restart changes no block', async t => {
  const { server, objectives } = await prepare(t)
  const file = path.join(t.testdir({}), 'state.db')
  const other = { 'accuracy.min': '0.8' }
  const change = async (interval: string, of: typeof objectives) => {
    server.put('canaries', canary({ interval }))
    await until(() => of.block({ namespace: 'ml', name: 'churn' }) === interval)
  }
  const first = openSqliteStore(file)
  const service = new InProcess()
  await service.start({ objectives, store: first })
  await until(() => reasons(objectives).length === 0)
  await change('30s', objectives)
  await service.hook('rollout', asked)
  await change('40s', objectives)
  await service.hook('rollout', asked)
  t.same(blocks(first), ['30s'], 'the same analysis')
  await service.hook('rollout', other)
  t.same(blocks(first), ['30s', '30s'], 'another of the same run')
  await service.stop()

  const store = openSqliteStore(file)
  const again = new InProcess()
  t.teardown(() => again.stop())
  const reread = readCluster(server, [])
  await again.start({ objectives: reread, store })
  await until(() => reasons(reread).length === 0)
  await again.hook('rollout', asked)
  await again.hook('rollout')
  t.same(blocks(store), ['30s', '30s'], 'after a restart')
  await again.hook('rollout', { ...other, block: '40s' })
  t.same(blocks(store), ['30s', '30s', '40s'])
  await change('50s', reread)
  await again.hook('rollout', {}, { checksum: 'c2' })
  t.same(blocks(store), ['50s', '50s', '40s'], 'the next run, by the objectives of the last')
  await change('60s', reread)
  await again.hook('rollout', asked, { checksum: 'c3' })
  t.same(blocks(store), ['60s'])
})

t.test(
  'without Flagger, or without permission to read Canaries, blocks are one minute',
  async t => {
    for (const hasFlagger of [true, false]) {
      const { server, objectives, service } = await prepare(t, { hasFlagger })
      server.isAllowed = (_user, _verb, kind) => !kind.startsWith('canaries')
      const store = openSqliteStore(':memory:')
      await service.start({ objectives, store })
      await until(() => reasons(objectives).length === 0)
      t.equal((await service.hook('rollout', asked)).status, 200)
      t.same(blocks(store), ['1m'])
      if (!hasFlagger) continue
      server.put('canaries', canary({ interval: '30s' }))
      server.isAllowed = () => true
      await until(() => objectives.block({ namespace: 'ml', name: 'churn' }) === '30s')
      await service.hook('rollout', asked, { checksum: 'c2' })
      t.same(blocks(store), ['30s'], 'once it may be read')
    }
  }
)

t.test('while it is unknown whether a Canary exists, no block is fixed', async t => {
  const { server, objectives, service } = await prepare(t)
  server.put('canaries', canary({ interval: '30s' }))
  let isAway = true
  server.intercept = ({ plural }, response) => {
    if (plural !== 'canaries' || !isAway) return false
    response.writeHead(503).end()
    return true
  }
  const store = openSqliteStore(':memory:')
  await service.start({ objectives, store })
  await until(() => reasons(objectives).some(reason => reason.includes('status 503')))
  await until(() => reasons(objectives).length === 1)
  t.match(reasons(objectives), [/^canaries: canaries\.flagger\.app have not been listed yet: /])
  const refused = { status: 400, body: 'the Canaries of the cluster have not been read yet' }
  t.same(await service.hook('rollout', asked), refused)
  t.same(blocks(store), [])
  t.equal((await service.hook('rollout', { ...asked, block: '5s' })).status, 200)
  isAway = false
  await until(() => reasons(objectives).length === 0)
  t.equal((await service.hook('rollout', asked)).status, 200)
  t.same(blocks(store), ['5s', '30s'])
})

t.test('without a cluster, blocks are one minute', async t => {
  const service = new InProcess()
  t.teardown(() => service.stop())
  const store = openSqliteStore(':memory:')
  await service.start({ store })
  await service.hook('rollout', asked)
  t.same(blocks(store), ['1m'])
})

t.test(
  'a comparison of arms that match rules divide says that they are not comparable',
  async t => {
    const { server, objectives, service } = await prepare(t)
    const match = [{ headers: { 'x-canary': { exact: 'insider' } } }]
    server.put('canaries', canary({ interval: '10s', match, iterations: 10 }))
    server.put('canaries', canary({ interval: '10s', match: [], maxWeight: 50 }, 'weighted'))
    await service.start({ objectives })
    await until(() => reasons(objectives).length === 0)
    const metadata = { 'accuracy.versus': 'primary', 'precision.min': '0.5', maturity: '0s' }
    const warning =
      'the Canary sends requests to its arms by match rules, not at random: the arms are not comparable'
    for (const name of ['churn', 'weighted']) {
      await service.hook('rollout', metadata, { name })
      for (const variant of ['canary', 'primary'] as const) {
        await service.send(variant, { events: 10, rollout: `ml/${name}` })
      }
      const { body } = await service.hook('rollout', metadata, { name })
      const reasonOf = (metric: string) =>
        body.split(' | ').find(each => each.includes(metric)) ?? ''
      t.equal(body.includes(warning), name === 'churn', body)
      t.notOk(reasonOf('precision').includes(warning))
    }
  }
)
