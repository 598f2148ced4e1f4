import assert from 'node:assert/strict'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { plain } from './plain-model.ts'
import { conditionOf } from './release.ts'

/** kustomize-controller as Flux installs it, without our component. */
export async function proveGate(bench: Bench, points: Points): Promise<void> {
  await points.check(
    'without its feature gate a Kustomization stalls, and its status says why',
    async () => {
      await bench.hosts.startKustomize([])
      const release = await bench.release('ungated', { path: plain, namespace: 'default' })
      await release.untilReady('ModelRelease')
      const message = await release.untilFailed('Kustomization', 'AccessDenied')
      assert.equal(
        message,
        "can't access 'ExternalArtifact/flux-system/ungated', ExternalArtifact feature gate is disabled"
      )
      const stalled = conditionOf(await release.read('Kustomization'), 'Stalled')
      assert.deepEqual([stalled?.status, stalled?.reason], ['True', 'AccessDenied'])
    }
  )
}
