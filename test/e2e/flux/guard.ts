import assert from 'node:assert/strict'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { fluxNamespace } from './flux-hosts.ts'

const policy = 'mlgitops-guard-artifacts'
const elsewhere = {
  digest: `sha256:${'0'.repeat(64)}`,
  revision: `plain@sha256:${'0'.repeat(64)}`,
  path: 'x',
  url: 'http://127.0.0.1:1/artifacts/x.tar.gz',
  lastUpdateTime: '2026-11-23T00:00:00Z'
}

/** RFC-0012's policy, which also covers the status: mallory has the rights of Flux's role flux-edit. */
export async function proveGuard(bench: Bench, points: Points): Promise<void> {
  const run = (...args: readonly string[]) => kubectl(bench.machine.controlPlane, args)
  const mallory = (...args: readonly string[]) => run('--as=mallory', ...args)
  const resources = 'externalartifacts.source.toolkit.fluxcd.io'
  const role = ['create', 'clusterrole', 'e2e-flux-edit', '--verb=*']
  await run(...role, `--resource=${resources},${resources}/status`)
  const binding = ['create', 'clusterrolebinding', 'e2e-flux-edit', '--clusterrole=e2e-flux-edit']
  await run(...binding, '--user=mallory')
  bench.machine.atEnd(() =>
    run('delete', 'clusterrole,clusterrolebinding', 'e2e-flux-edit', '--ignore-not-found')
  )
  const patch = (change: object, ...more: readonly string[]) =>
    mallory(
      ...['patch', 'externalartifact', 'plain', '-n', fluxNamespace, '--type=merge'],
      ...['-p', JSON.stringify(change), ...more]
    )
  const denied = `externalartifacts.source.toolkit.fluxcd.io "plain" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: mallory may not write what a ModelRelease publishes`
  await points.check('nobody else can write the artifact of a release or its status', async () => {
    const before = await bench.known('plain').artifact()
    const label = { metadata: { labels: { x: 'y' } } }
    await eventually(async () => (await patch(label, '--dry-run=server')).code !== 0 || undefined, {
      what: 'the guard is in force'
    })
    const changes: readonly (readonly [object, ...(readonly string[])])[] = [
      [label],
      // Without the label it would have no owner.
      [{ metadata: { labels: { 'mlgitops.io/release': null } }, spec: { sourceRef: null } }],
      [{ status: { artifact: elsewhere } }, '--subresource=status'],
      [{ status: { artifact: null } }, '--subresource=status']
    ]
    for (const [change, ...more] of changes) {
      const seen = await patch(change, ...more)
      assert.equal(seen.stderr, `Error from server (Forbidden): ${denied}\n`)
    }
    assert.deepEqual(await bench.known('plain').artifact(), before)
  })
  await points.check('the guard ignores ExternalArtifacts that no release owns', async () => {
    const text = [
      ...['apiVersion: source.toolkit.fluxcd.io/v1', 'kind: ExternalArtifact'],
      ...['metadata: { name: theirs, namespace: flux-system }', 'spec: {}', '']
    ].join('\n')
    const args = ['--as=mallory', 'create', '-f', '-']
    const seen = await kubectl(bench.machine.controlPlane, args, text)
    assert.deepEqual([seen.stderr, seen.code], ['', 0])
    const release = await bench.release('theirs', { path: 'models/plain', namespace: 'default' })
    const message = await release.untilFailed('ModelRelease', 'ArtifactNotOurs')
    assert.match(
      message,
      /^ExternalArtifact theirs already exists and is not owned by this ModelRelease/
    )
    await release.remove('Kustomization', 'ModelRelease', 'ExternalArtifact')
  })
}
