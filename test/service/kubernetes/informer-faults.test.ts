import t from 'tap'
import { until } from '../loopback.ts'
import { startFakeApiServer } from './fake-api-server.ts'
import { names, policy, prepare, synced } from './informed.ts'
import { calmTimes, briskClock, fastClock, modelPolicies } from './served.ts'

t.test('a wrong answer of the API server is logged, and the objects stay', async t => {
  const { server, informer, warnings } = await prepare(t)
  await synced({ server, informer })
  const next = async (text: string, reason: RegExp) => {
    const { length } = server.watches.startedAt
    server.watches.write(text)
    await until(() => server.watches.startedAt.length > length)
    t.match(warnings.at(-1), reason)
  }
  await next('garbage\n', /an event is not a JSON object/)
  await next('{"type":"NEW","object":{}}\n', /an event has an unknown form/)
  await next('{"type":"ADDED","object":{"metadata":{}}}\n', /an event has an unknown form/)
  await next('{"type":"ERROR","object":{"code":500,"message":"etcd is gone"}}\n', /etcd is gone/)
  await next('x'.repeat(9 * 1024 * 1024), /an event is too large/)
  t.equal(names(informer), 'a b')
  t.equal(informer.counts.relists, 1)
})

t.test('a missing verb is named until RBAC allows it', async t => {
  const { server, informer } = await prepare(t)
  server.isAllowed = (_user, verb) => verb !== 'list'
  informer.start()
  await until(() => informer.counts.failures > 0)
  t.match(
    informer.notReadyReason(),
    /have not been listed yet: the API server refused to list modelpolicies\.mlgitops\.io: .* cannot list resource/
  )
  server.isAllowed = () => true
  await until(() => informer.notReadyReason() === undefined)
})

t.test('a CRD that is not installed is the reason', async t => {
  const { informer } = await prepare(t, { resource: { ...modelPolicies, plural: 'unknowns' } })
  informer.start()
  await until(() => informer.counts.failures > 0)
  t.match(
    informer.notReadyReason(),
    /refused to list unknowns\.mlgitops\.io: the server could not find/
  )
})

t.test(
  'without a server the objects stay, then are stale, and are current when it is back',
  async t => {
    let nowMs = 0
    const { server, informer, warnings } = await prepare(t, {
      clock: { ...fastClock, nowMs: () => nowMs },
      times: { ...calmTimes, staleMs: 60_000 }
    })
    await synced({ server, informer })
    const { port } = server
    await server.kill()
    await until(() => (warnings.at(-1) ?? '').includes('ECONNREFUSED'))
    nowMs = 60_000
    t.equal(informer.notReadyReason(), undefined, 'a minute is allowed')
    nowMs = 60_001
    t.match(
      informer.notReadyReason(),
      /^cache of modelpolicies\.mlgitops\.io is stale, no answer from the API server for 60 s: .*ECONNREFUSED/
    )
    t.equal(names(informer), 'a b')
    const again = await startFakeApiServer(t, { resources: [modelPolicies], port })
    again.storage.version = 500
    again.storage.compacted = 500
    again.put('modelpolicies', policy('z'))
    await until(() => informer.notReadyReason() === undefined && names(informer) === 'z')
    t.equal(again.watches.startedAt[0], '102', 'the watch asks for the old version, which is gone')
  }
)

t.test('silence ends a watch, and a new one continues; no answer is a failure', async t => {
  const { server, informer, warnings } = await prepare(t, {
    clock: briskClock,
    times: { ...calmTimes, silenceMs: 3_000 }
  })
  informer.start()
  await until(() => server.watches.startedAt.length >= 3)
  t.same(server.watches.startedAt.slice(0, 3), ['102', '102', '102'])
  t.equal(informer.counts.failures, 0)
  server.intercept = () => true
  await until(() => warnings.length > 0)
  t.same(warnings, [
    'watch failed; retrying: cannot ask the API server to watch modelpolicies.mlgitops.io: no answer in time'
  ])
})

t.test('a watch that ends at once is opened again after growing pauses', async t => {
  const pauses: number[] = []
  const { server, informer } = await prepare(t, {
    clock: {
      ...fastClock,
      sleep: async (ms, signal) => {
        pauses.push(ms)
        await fastClock.sleep(ms, signal)
      }
    }
  })
  server.intercept = ({ verb }, response) => {
    if (verb === 'watch') response.writeHead(200).end()
    return verb === 'watch'
  }
  informer.start()
  await until(() => pauses.length === 7)
  t.same(pauses, [600, 1_200, 2_400, 4_800, 9_600, 19_200, 22_500])
})

t.test('a list without an end', async t => {
  const { server, informer, warnings } = await prepare(t)
  let pages = 0
  server.intercept = ({ verb }, response) => {
    if (verb !== 'list') return false
    pages += 1
    response.end('{"metadata":{"resourceVersion":"1","continue":"x"},"items":[]}')
    return true
  }
  informer.start()
  await until(() => warnings.length > 0)
  t.match(
    warnings[0],
    /cannot ask the API server to list modelpolicies\.mlgitops\.io: the list has no end$/
  )
  t.equal(pages, 2_000)
})
