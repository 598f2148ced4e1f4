import t from 'tap'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'

const files = { 'app/map.yaml': configMap('v: 1') }
const elsewhere = { kind: 'GitRepository', name: 'repo', namespace: 'ml' }

t.test('a source in another namespace is used if that is allowed', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release({ sourceRef: elsewhere }, { namespace: 'team' }, 'cross')
  await cluster.controller({ namespaces: ['ml', 'team'], allowsCrossNamespace: true })
  await until(() => cluster.ready('cross', 'team').startsWith('True'))
  const first = cluster.artifact('cross', 'team')
  const commit = cluster.push({ 'app/map.yaml': configMap('v: 2') })
  await until(() => cluster.artifact('cross', 'team')?.revision !== first?.revision)
  t.equal(
    cluster.artifact('cross', 'team')?.metadata?.['org.opencontainers.image.revision'],
    `main@sha1:${commit}`
  )
})

t.test('all namespaces are watched, or only the named ones', async t => {
  const cluster = await FluxCluster.start(t, files)
  const allowed = { allowsCrossNamespace: true }
  cluster.release({ sourceRef: elsewhere }, { namespace: 'team' }, 'cross')
  cluster.release()
  const some = await cluster.controller({ namespaces: ['ml'], ...allowed })
  await until(() => cluster.ready().startsWith('True'))
  const first = cluster.artifact()?.revision
  cluster.push({ 'app/map.yaml': configMap('v: later') })
  await until(() => cluster.artifact()?.revision !== first)
  t.equal(cluster.condition('Ready', 'cross', 'team'), '')
  const requests = cluster.api.log.filter(line => /^(?:list|watch) /.test(line))
  t.ok(requests.length > 0)
  t.ok(requests.every(line => line.includes('/namespaces/ml/')))
  await some.stop()
  await cluster.controller({ namespaces: undefined, ...allowed })
  await until(() => cluster.ready('cross', 'team').startsWith('True'))
})

t.test('an ExternalArtifact can be a source; the status says that it is unreachable', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller({ baseUrl: 'http://127.0.0.1:1' })
  await until(() => cluster.ready().startsWith('True'))
  const source = { kind: 'ExternalArtifact', name: 'iris' }
  cluster.release({ sourceRef: source, path: '.' }, {}, 'second')
  await until(() => cluster.ready('second').startsWith('False'))
  t.match(
    cluster.ready('second'),
    'False FetchFailed: cannot download the file of the source [SOURCE_UNREACHABLE]\n  found:    ECONNREFUSED'
  )
  await flux.stop()
})
