import { rmSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { generateKeyPair } from '../../../evidence/attestation/key.ts'
import type { RunningFlux } from '../../../plugin/flux/serve.ts'
import { configMap } from '../repository.ts'
import { FluxCluster, until } from './flux-cluster.ts'
import { metric } from './metric.ts'

const files = { 'app/map.yaml': configMap('v: 1') }

/** Creates a signing key, and a commit with an object that is attested. */
function attested(cluster: FluxCluster): { readonly key: string } {
  const { privatePem } = generateKeyPair()
  const data = { 'signing.key': Buffer.from(privatePem).toString('base64') }
  cluster.api.put('secrets', {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace: 'ml' }, data }
  })
  cluster.push({
    'app/pod.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: host/x}]}\n'
  })
  return { key: 'key' }
}

t.test(
  'an empty disk gives the same digests, also after a commit that changed nothing',
  async t => {
    const cluster = await FluxCluster.start(t, files)
    const { key } = attested(cluster)
    cluster.release({ signing: { secretRef: { name: key } } })
    const flux = await cluster.controller()
    await until(() => cluster.ready().startsWith('True'))
    const good = cluster.artifact()
    const loseDisk = async (stopped: RunningFlux, isSuspended: boolean) => {
      await stopped.stop()
      rmSync(path.join(cluster.work, 'storage'), { recursive: true })
      cluster.release({ signing: { secretRef: { name: key } }, suspend: isSuspended })
      const restarted = await cluster.controller()
      await until(async () => (await cluster.get(restarted)).status === 200)
      t.same(cluster.artifact(), good)
      return restarted
    }
    const first = await loseDisk(flux, false)
    t.equal(await metric(first, 'mlgitops_flux_renders_total'), 1)
    const commit = cluster.push({ 'README.md': 'x' })
    await until(() => cluster.status().lastAttemptedRevision === `main@sha1:${commit}`)
    await until(() => cluster.ready().startsWith('True'))
    const second = await loseDisk(first, false)
    t.equal(await metric(second, 'mlgitops_flux_renders_total'), 2)
    const third = await loseDisk(second, true)
    await third.stop()

    t.comment('a file that somebody else wrote into the status, with another commit, is not built')
    const object = cluster.api.get('externalartifacts', 'iris', 'ml') ?? {}
    const metadata = { 'org.opencontainers.image.revision': `main@sha1:${'e'.repeat(40)}` }
    cluster.api.put('externalartifacts', {
      ...object,
      status: { artifact: { ...good, digest: `sha256:${'1'.repeat(64)}`, metadata } }
    })
    rmSync(path.join(cluster.work, 'storage'), { recursive: true })
    cluster.release({ signing: { secretRef: { name: key } } })
    const last = await cluster.controller()
    await until(async () => (await cluster.get(last)).status === 200)
    t.equal(
      cluster.artifact()?.metadata?.['org.opencontainers.image.revision'],
      `main@sha1:${commit}`
    )
  }
)

t.test('another --advertise changes only the URL of an artifact', async t => {
  const cluster = await FluxCluster.start(t, files)
  cluster.release()
  const flux = await cluster.controller()
  await until(() => cluster.ready().startsWith('True'))
  const before = cluster.artifact()
  await flux.stop()
  await cluster.controller({ baseUrl: 'https://artifacts.example.com' })
  await until(() => cluster.artifact()?.url !== before?.url)
  t.same(cluster.artifact(), {
    ...before,
    url: `https://artifacts.example.com/${before?.path ?? ''}`
  })
})
