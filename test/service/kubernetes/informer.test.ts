import t from 'tap'
import { createLogger } from '../../../service/log.ts'
import { until } from '../loopback.ts'
import { names, policy, prepare, synced } from './informed.ts'
import { calmTimes } from './served.ts'

t.test('a list, then the events of a watch', async t => {
  const { server, informer, reported } = await prepare(t)
  t.equal(informer.notReadyReason(), 'modelpolicies.mlgitops.io have not been listed yet')
  await synced({ server, informer })
  t.equal(informer.notReadyReason(), undefined)
  server.put('modelpolicies', policy('a', 'two'))
  server.put('modelpolicies', policy('c'))
  server.delete('modelpolicies', 'b')
  await until(() => reported.length === 4)
  t.same(reported, ['added:a added:b', 'updated:a', 'added:c', 'deleted:b'])
  t.equal(names(informer), 'a c')
  t.same(informer.get('', 'a')?.body.spec, { image: 'two' })
  t.same(server.log, [
    'list /apis/mlgitops.io/v1alpha1/modelpolicies 200',
    'watch /apis/mlgitops.io/v1alpha1/modelpolicies 200'
  ])
})

t.test('a watch that ends or breaks continues from its version', async t => {
  const { server, informer, reported } = await prepare(t)
  await synced({ server, informer })
  server.put('modelpolicies', policy('c'))
  await until(() => reported.length === 2)
  for (const end of ['endAll', 'breakAll'] as const) {
    const { length } = server.watches.startedAt
    server.watches[end]()
    server.put('modelpolicies', policy(end))
    await until(() => server.watches.startedAt.length > length)
    await until(() => informer.get('', end) !== undefined)
  }
  await until(() => reported.length === 4)
  t.same(reported.slice(2), ['added:endAll', 'added:breakAll'])
  t.same(server.watches.startedAt, ['102', '103', '104'], 'nothing is read twice')
  t.equal(informer.counts.relists, 1)
})

t.test('a bookmark brings a newer version without a change', async t => {
  const { server, informer, reported } = await prepare(t)
  await synced({ server, informer })
  server.put('namespaces', { metadata: { name: 'elsewhere' } })
  server.watches.bookmark()
  server.storage.compact()
  server.watches.endAll()
  await until(() => server.watches.startedAt.length === 2)
  t.equal(server.watches.startedAt[1], '103')
  t.equal(informer.counts.relists, 1, 'the version of before the bookmark would be gone')
  t.equal(reported.length, 1)
})

for (const isGoneByStatus of [false, true]) {
  t.test(
    `410 ${isGoneByStatus ? 'as a status' : 'as an event'}: a new list shows what was missed`,
    async t => {
      const { server, informer, reported, warnings } = await prepare(t)
      server.watches.isGoneByStatus = isGoneByStatus
      await synced({ server, informer })
      server.intercept = ({ verb }, response) => {
        if (verb !== 'watch') return false
        response.destroy()
        return true
      }
      server.watches.breakAll()
      await until(() => server.watches.count === 0)
      server.put('modelpolicies', policy('a', 'two'))
      server.delete('modelpolicies', 'b')
      server.put('modelpolicies', policy('d'))
      server.storage.compact()
      server.intercept = () => false
      await until(() => reported.length === 2)
      t.equal(reported[1], 'deleted:b updated:a added:d')
      t.same(informer.counts.missedChanges, 3)
      t.match(warnings.at(-1), /too old resource version/)
      await until(() => server.watches.count === 1)
      t.equal(informer.notReadyReason(), undefined)
    }
  )
}

t.test('an object that was recreated meanwhile is deleted and added', async t => {
  const { server, informer, reported } = await prepare(t, { times: { ...calmTimes, relistMs: 1 } })
  informer.start()
  await until(() => reported.length === 1)
  server.intercept = ({ verb }, response) => {
    if (verb !== 'watch') return false
    response.end()
    return true
  }
  server.watches.breakAll()
  await until(() => server.watches.count === 0)
  server.delete('modelpolicies', 'a')
  server.put('modelpolicies', policy('a', 'three'))
  await until(() => reported.length === 2)
  t.equal(reported[1], 'deleted:a added:a')
})

t.test('a list of many pages, one of which is too old', async t => {
  const { server, informer, reported } = await prepare(t)
  for (let i = 0; i < 1_200; i += 1) server.put('modelpolicies', policy(`p${i}`))
  let pages = 0
  server.intercept = ({ verb }) => {
    if (verb === 'list' && (pages += 1) === 3) {
      server.put('modelpolicies', policy('late'))
      server.storage.compact()
    }
    return false
  }
  await synced({ server, informer })
  t.equal(informer.size, 1_203, 'the list was begun again')
  t.equal(reported.length, 1)
  t.equal(pages, 6)
})

t.test('an event in pieces is one event', async t => {
  const { server, informer, reported } = await prepare(t)
  await synced({ server, informer })
  const metadata = { name: 'ü', resourceVersion: '900', uid: 'x' }
  const bytes = JSON.stringify({ type: 'ADDED', object: { metadata } })
  server.watches.write(`\n${bytes.slice(0, 40)}`)
  server.watches.write(`${bytes.slice(40)}\n`)
  await until(() => reported.length === 2)
  t.equal(reported[1], 'added:ü')
})

t.test('a list is read again from time to time: a watch may have missed a change', async t => {
  const { server, informer, reported } = await prepare(t, {
    times: { ...calmTimes, relistMs: 900, watchMs: 500 }
  })
  await synced({ server, informer })
  server.watches.breakAll()
  server.storage.version += 5
  await until(() => informer.counts.relists >= 2)
  t.equal(reported.length, 1, 'unchanged objects are not reported again')
  t.equal(informer.counts.missedChanges, 0)
})

t.test('stop ends the watch and every retry', async t => {
  const { server, informer } = await prepare(t)
  await synced({ server, informer })
  await informer.stop()
  await until(() => server.watches.count === 0)
  t.equal(server.log.length, 2)
})

t.test('a listener that throws does not keep changes from the others', async t => {
  const lines: string[] = []
  const logger = createLogger({ level: 'error', write: line => lines.push(line), now: () => 0 })
  const { server, informer } = await prepare(t, { logger })
  informer.subscribe(() => {
    throw new TypeError('secret')
  })
  const after: number[] = []
  informer.subscribe(changes => after.push(changes.length))
  await synced({ server, informer })
  server.put('modelpolicies', policy('c'))
  await until(() => after.length === 2)
  t.same(after, [2, 1])
  t.match(lines, [/"internal error in a listener".*"TypeError"/, /"internal error in a listener"/])
  t.notMatch(lines.join(''), 'secret')
})
