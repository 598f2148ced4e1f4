import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { digestOf, serveOci } from './oci-registry.ts'
import { dataOf, plain } from './plain-model.ts'

/** The same files from other kinds of sources give the same content. */
export async function proveSources(bench: Bench, points: Points): Promise<void> {
  const files = execFileSync('git', ['archive', '--format=tar.gz', 'HEAD', 'configs', 'models'], {
    cwd: bench.repository.git.folder
  })
  const origin = `main@sha1:${bench.git('rev-parse', 'HEAD')}`
  const registry = await serveOci(bench.machine, {
    layer: files,
    annotations: {
      'org.opencontainers.image.revision': origin,
      'org.opencontainers.image.source': bench.url,
      'org.opencontainers.image.created': '2026-11-23T00:00:00Z'
    }
  })
  const { revision } = await bench.known('plain').artifact()
  const content = (text: string) => text.slice(text.indexOf('@'))
  await points.check('an OCIRepository that source-controller fetched is rendered', async () => {
    const namespace = await makeNamespace(bench.machine, 'e2e-flux-oci')
    await bench.known('by-oci').apply('OCIRepository', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      spec: {
        ...{ interval: '10m', url: `oci://${registry}/models`, insecure: true },
        ref: { tag: 'latest' }
      }
    })
    const sourceRef = { kind: 'OCIRepository', name: 'by-oci' }
    const release = await bench.release('by-oci', { path: plain, namespace, more: { sourceRef } })
    await release.untilApplied(origin)
    assert.equal(content((await release.artifact()).revision), content(revision))
    assert.deepEqual(await dataOf(bench, 'first', namespace), await dataOf(bench, 'first'))
    const gitCommit = annotationOf(await bench.configMap(namespace, 'first'))
    assert.equal(gitCommit, origin.slice('main@sha1:'.length))
  })
  await points.check('a Bucket is rendered, with its checksum as the commit', async () => {
    const namespace = await makeNamespace(bench.machine, 'e2e-flux-bucket')
    const bucket = bench.known('by-bucket')
    await bucket.apply('Bucket', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      // source-controller ignores it, and the suite writes its status.
      spec: { interval: '10m', suspend: true, endpoint: registry, bucketName: 'models' }
    })
    const digest = digestOf(files)
    const artifact = {
      ...{ url: `http://${registry}/layer.tar.gz`, digest, revision: digest, path: 'x' },
      lastUpdateTime: '2026-11-23T00:00:00Z'
    }
    const status = await bench.client.patch(`${bucket.at('Bucket')}/status`, {
      status: { artifact }
    })
    assert.equal(status.status, 200)
    const sourceRef = { kind: 'Bucket', name: 'by-bucket' }
    const more = { sourceRef }
    const release = await bench.release('by-bucket', { path: plain, namespace, more })
    await release.untilApplied(digest)
    assert.deepEqual(await dataOf(bench, 'first', namespace), await dataOf(bench, 'first'))
    const gitCommit = annotationOf(await bench.configMap(namespace, 'first'))
    assert.equal(gitCommit, digest.slice('sha256:'.length))
  })
  await points.check('an ExternalArtifact of another controller is rendered', async () => {
    const namespace = await makeNamespace(bench.machine, 'e2e-flux-artifact')
    const foreign = bench.known('foreign')
    await foreign.apply('ExternalArtifact', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      spec: {}
    })
    const { status } = await bench.known('mlops-repo').read('GitRepository')
    const artifact = member(status, 'artifact') ?? null
    const at = `${foreign.at('ExternalArtifact')}/status`
    assert.equal((await bench.client.patch(at, { status: { artifact } })).status, 200)
    const more = { sourceRef: { kind: 'ExternalArtifact', name: 'foreign' } }
    const release = await bench.release('by-artifact', { path: plain, namespace, more })
    await release.untilApplied(origin)
    assert.deepEqual(await dataOf(bench, 'first', namespace), await dataOf(bench, 'first'))
    await release.remove('Kustomization', 'ModelRelease')
  })
  await points.check('a source without the folder fails the release', async () => {
    const more = { sourceRef: { kind: 'ExternalArtifact', name: 'by-oci' } }
    const spec = { path: 'nowhere', namespace: 'default', more }
    const release = await bench.release('by-artifact', spec)
    const message = await release.untilFailed('ModelRelease', 'RenderFailed')
    assert.match(message, /the folder does not exist in the source \[PATH_NOT_FOUND\]/)
    await release.remove('Kustomization', 'ModelRelease')
  })
}

function annotationOf(object: JsonObject | undefined) {
  return member(member(object?.metadata, 'annotations'), 'mlgitops.io/git-commit')
}
