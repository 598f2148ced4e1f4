import t from 'tap'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'
import { archiveOf } from './hostile-archive.ts'

const files = { 'app/map.yaml': configMap('v: {{ .Values.v | default "none" }}') }

t.test('slow sources do not delay other releases', async t => {
  const cluster = await FluxCluster.start(t, files)
  const never = Array.from({ length: 6 }, (_, index) => `slow-${index}`)
  for (const name of never) {
    cluster.serveSlowly(name)
    cluster.release({ sourceRef: { kind: 'Bucket', name } }, {}, name)
  }
  await cluster.controller({ concurrency: 2 })
  await until(() => never.every(name => cluster.condition('Reconciling', name) !== ''))
  const commit = cluster.repository.git('rev-parse', 'HEAD')
  t.equal(
    cluster.condition('Reconciling', 'slow-5'),
    `True Progressing: rendering latest@sha256:${'5'.repeat(64)}`
  )
  cluster.release()
  await until(() => cluster.ready().startsWith('True'))
  t.equal(
    cluster.artifact()?.metadata?.['org.opencontainers.image.revision'],
    `main@sha1:${commit}`
  )
  t.ok(
    never.every(name => cluster.ready(name) === ''),
    'slow sources are still waited for'
  )

  t.comment('a release continues when its download ends')
  cluster.endSlowly('slow-0')
  await until(() => cluster.ready('slow-0').startsWith('False'))
  t.match(
    cluster.ready('slow-0'),
    'False FetchFailed: the file of the source does not match its digest'
  )
  t.match(cluster.condition('Reconciling', 'slow-0'), 'True ProgressingWithRetry')
})

t.test('a refused archive is downloaded once for all releases and not retried', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.serve('bad', archiveOf([{ name: '../../evil.yaml', content: 'a: b' }]))
  const names = ['one', 'two', 'three']
  for (const name of names) {
    cluster.release({ sourceRef: { kind: 'Bucket', name: 'bad' } }, {}, name)
  }
  await cluster.controller()
  await until(() => names.every(name => cluster.ready(name).startsWith('False')))
  for (const name of names) {
    t.equal(
      cluster.ready(name),
      'False FetchFailed: a name in the archive is outside its folder [SOURCE_ARCHIVE]\n  found:    "../../evil.yaml"'
    )
  }
  cluster.release({ sourceRef: { kind: 'Bucket', name: 'bad' } }, {}, 'later')
  await until(() => cluster.ready('later').startsWith('False'))
  t.same(cluster.downloads, ['/bad.tar.gz'])
  t.same(cluster.warnings, [], 'nothing is retried')
  cluster.serve('bad', archiveOf([{ name: 'app/map.yaml', content: files['app/map.yaml'] }]))
  await until(() => names.every(name => cluster.ready(name).startsWith('True')))
})

t.test('a commit of many releases is downloaded once', async t => {
  const cluster = await FluxCluster.start(t, files)
  for (let index = 0; index < 50; index++) cluster.release({}, {}, `r${index}`)
  await cluster.controller()
  await until(() =>
    Array.from({ length: 50 }, (_, index) => cluster.ready(`r${index}`)).every(ready =>
      ready.startsWith('True')
    )
  )
  t.equal(cluster.downloads.length, 1)
})
