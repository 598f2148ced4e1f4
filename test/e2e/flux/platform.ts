import assert from 'node:assert/strict'
import { kubectl } from '../rig/kubectl.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { plain, plainNamespace } from './plain-model.ts'

const file = 'platform/e2e/waited.yaml'

/** Releases in Git: a Kustomization applies them and waits for their status (kstatus). */
export async function provePlatform(bench: Bench, points: Points): Promise<void> {
  const [platform, waited] = [bench.known('platform'), bench.known('waited')]
  await points.check('a waiting Kustomization is ready when the release is', async () => {
    const origin = await bench.commit('A release', { [file]: releaseText(plain) })
    await platform.apply('Kustomization', {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      spec: {
        ...{ interval: '10m', retryInterval: '2s', timeout: '5s', prune: true, wait: true },
        ...{ path: './platform/e2e', sourceRef: { kind: 'GitRepository', name: 'mlops-repo' } }
      }
    })
    await platform.untilReady('Kustomization')
    await waited.untilSeen(origin)
    await waited.untilReady('ExternalArtifact')
  })
  await points.check('kubectl shows a release with the columns of Flux’s own sources', async () => {
    const args = ['get', 'modelreleases', '-n', 'flux-system', 'waited']
    const { stdout } = await kubectl(bench.machine.controlPlane, args)
    const [titles = '', row = ''] = stdout.split('\n')
    const { revision } = await waited.artifact()
    assert.deepEqual(titles.split(/ +/), ['NAME', 'AGE', 'READY', 'STATUS'])
    assert.ok(row.endsWith(`True    stored artifact for revision ${revision}`), row)
  })
  await points.check(
    'a stalled release fails the Kustomization, a retried one makes it wait',
    async () => {
      await bench.commit('A path that does not exist', { [file]: releaseText('nowhere') })
      const held = await platform.untilFailed('Kustomization', 'HealthCheckFailed', /timeout/)
      assert.match(held, /ModelRelease\/flux-system\/waited status: 'InProgress'/)
      const elsewhere = releaseText(plain).replace(
        'name: mlops-repo',
        'name: x, namespace: default'
      )
      await bench.commit('A source in another namespace', { [file]: elsewhere })
      const failed = await platform.untilFailed('Kustomization', 'HealthCheckFailed', /Failed/)
      assert.match(failed, /ModelRelease\/flux-system\/waited status: 'Failed'/)
      await waited.untilFailed('ModelRelease', 'AccessDenied')
    }
  )
  await points.check(
    'a release that is removed from Git is pruned, with its artifact',
    async () => {
      await bench.commit('No release', { [file]: configMapText })
      await platform.untilReady('Kustomization')
      for (const kind of ['ModelRelease', 'ExternalArtifact'] as const) await waited.untilGone(kind)
      await platform.remove('Kustomization')
    }
  )
}

const configMapText =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: nothing, namespace: flux-system }\n'

function releaseText(path: string): string {
  return [
    ...['apiVersion: mlgitops.io/v1alpha1', 'kind: ModelRelease'],
    'metadata: { name: waited, namespace: flux-system }',
    'spec:',
    '  sourceRef: { kind: GitRepository, name: mlops-repo }',
    `  path: ${path}`,
    `  targetNamespace: ${plainNamespace}`,
    ''
  ].join('\n')
}
