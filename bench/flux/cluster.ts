import { existsSync } from 'node:fs'
import path from 'node:path'
import { member, stringMember } from '../../common/json.ts'
import { connect } from '../../service/kubernetes/connect.ts'
import { peersFolder } from '../../test/e2e/peers/peer.ts'
import { ControlPlane } from '../../test/e2e/rig/control-plane.ts'
import { installForeign, installOwn } from '../../test/e2e/rig/crds.ts'
import { freePort } from '../../test/e2e/rig/free-port.ts'
import type { Keep } from '../../test/e2e/rig/keep.ts'
import { Controller } from './controller.ts'
import { Releases } from './releases.ts'

/** A real API server with ModelReleases, and controllers for them. */
export interface FluxBench {
  readonly releases: Releases
  /** Writes of the controllers that the API server has answered. */
  readonly writes: () => number
  /** Starts a controller on an empty disk, always at the same address. */
  readonly startController: () => Promise<Controller>
  readonly stop: () => Promise<void>
}

/** @throws {Error} if the API server is not installed */
export async function startFluxCluster(folder: string, keep: Keep): Promise<FluxBench> {
  const peers = peersFolder(process.env)
  if (!existsSync(path.join(peers, 'kube-apiserver'))) {
    throw new Error('a real API server is needed: npm run peers etcd kube-apiserver')
  }
  const plane = await ControlPlane.start(path.join(folder, 'plane'), peers, keep)
  const client = await connect(plane.kubeconfig, { env: {}, folder }, 'bench')
  const releases = new Releases(client)
  const port = await freePort()
  const controllers: Controller[] = []
  const stop = async () => {
    for (const controller of controllers) await controller.stop()
    await releases.stop()
    client.close()
    await plane.stop()
  }
  try {
    await installForeign(plane, ['Bucket', 'ExternalArtifact', 'GitRepository', 'OCIRepository'])
    await installOwn(plane, ['modelreleases'])
    await plane.client.create('/api/v1/namespaces', { metadata: { name: 'ml' } })
    releases.start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ...{ releases, stop },
    writes: () =>
      plane
        .auditEvents()
        .filter(event => stringMember(event, 'userAgent')?.startsWith('mlgitops/') === true)
        // An access review is a question, not a write.
        .filter(event => member(event.objectRef, 'resource') !== 'selfsubjectaccessreviews').length,
    startController: async () => {
      const controller = await Controller.start(folder, port, plane.kubeconfig, keep)
      controllers.push(controller)
      return controller
    }
  }
}
