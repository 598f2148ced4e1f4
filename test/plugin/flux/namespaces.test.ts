import t from 'tap'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const files = { 'app/map.yaml': configMap('v: 1') }
const elsewhere = { kind: 'GitRepository', name: 'repo', namespace: 'ml' }

t.test('a source of another namespace is followed where that is allowed', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release({ sourceRef: elsewhere }, { namespace: 'team' }, 'beside')
  await cluster.controller({ namespaces: ['ml', 'team'], allowsCrossNamespace: true })
  await until(() => cluster.ready('beside', 'team').startsWith('True'))
  const first = cluster.artifact('beside', 'team')
  const commit = cluster.push({ 'app/map.yaml': configMap('v: 2') })
  await until(() => cluster.artifact('beside', 'team')?.revision !== first?.revision)
  t.equal(
    cluster.artifact('beside', 'team')?.metadata?.['org.opencontainers.image.revision'],
    `main@sha1:${commit}`
  )
})

t.test('every namespace is followed unless some are named, and then no other', async t => {
  const cluster = await FluxCluster.start(t, files)
  const allowed = { allowsCrossNamespace: true }
  cluster.release({ sourceRef: elsewhere }, { namespace: 'team' }, 'beside')
  cluster.release()
  const some = await cluster.controller({ namespaces: ['ml'], ...allowed })
  await until(() => cluster.ready().startsWith('True'))
  const first = cluster.artifact()?.revision
  cluster.push({ 'app/map.yaml': configMap('v: later') })
  await until(() => cluster.artifact()?.revision !== first)
  t.equal(cluster.condition('Ready', 'beside', 'team'), '')
  const asked = cluster.api.log.filter(line => /^(?:list|watch) /.test(line))
  t.ok(asked.length > 0)
  t.ok(asked.every(line => line.includes('/namespaces/ml/')))
  await some.stop()
  await cluster.controller({ namespaces: undefined, ...allowed })
  await until(() => cluster.ready('beside', 'team').startsWith('True'))
})

t.test('an ExternalArtifact is a source too, and says so where it cannot be reached', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller({ baseUrl: 'http://127.0.0.1:1' })
  await until(() => cluster.ready().startsWith('True'))
  const source = { kind: 'ExternalArtifact', name: 'iris' }
  cluster.release({ sourceRef: source, path: '.' }, {}, 'again')
  await until(() => cluster.ready('again').startsWith('False'))
  t.match(
    cluster.ready('again'),
    'False FetchFailed: cannot download the file of the source [SOURCE_UNREACHABLE]\n  found:    ECONNREFUSED'
  )
  await flux.stop()
})
