import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'

const unreached =
  /^error: failed to create job: Internal error occurred: failed calling webhook "policies\.mlgitops\.io": failed to call webhook: Post "https:\/\/mlgitops-webhook\.mlgitops-system\.svc:443\/validate\?timeout=10s": /

/** Tests a namespace with admission enabled while the webhook is down: in this suite it never runs. */
export async function proveOutage(machine: Machine, points: Points): Promise<void> {
  const { client } = machine.controlPlane
  const namespace = await makeNamespace(machine, 'e2e-outage')
  const run = (...args: readonly string[]) =>
    kubectl(machine.controlPlane, ['-n', namespace, ...args])
  const pods = async () =>
    (await client.list(`/api/v1/namespaces/${namespace}/pods`)).map(
      ({ metadata }) => (metadata as JsonObject).name as string
    )
  const untilPods = (count: number, other = '') =>
    eventually(
      async () => {
        const names = await pods()
        return names.length === count && !names.includes(other) ? names : undefined
      },
      { what: `${count} pods run` }
    )
  await run('create', 'deployment', 'web', '--image=registry.example.com/web:1')
  const [first = ''] = await untilPods(1)
  await kubectl(machine.controlPlane, [
    ...['label', 'namespace', namespace, 'mlgitops.io/admission=enabled']
  ])
  await points.check(
    'failurePolicy Fail: new objects are refused with the API server’s message',
    async () => {
      const create = ['create', 'job', 'x', '--image=registry.example.com/x:1', '--dry-run=server']
      const seen = await eventually(
        async () => {
          const tried = await run(...create)
          return tried.code === 0 ? undefined : tried
        },
        { what: 'the API server calls the webhook' }
      )
      assert.match(seen.stderr, unreached)
    }
  )
  await points.check('a deleted pod of an admitted workload is still replaced', async () => {
    assert.equal((await run('delete', 'pod', first, '--wait=false')).code, 0)
    await untilPods(1, first)
  })
  await points.check('an admitted workload can still be scaled', async () => {
    assert.equal((await run('scale', 'deployment', 'web', '--replicas=3')).code, 0)
    await untilPods(3)
  })
  await points.check('a pod that claims to be made by a controller is refused', async () => {
    const owner = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      name: 'x',
      uid: 'x',
      controller: true
    }
    const answer = await client.create(`/api/v1/namespaces/${namespace}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'forged', ownerReferences: [owner] },
      spec: { containers: [{ name: 'c', image: 'registry.example.com/x:1' }] }
    })
    assert.equal(answer.status, 500)
    assert.match(answer.body.message as string, /failed calling webhook "policies\.mlgitops\.io"/)
  })
  await points.check(
    'the webhook is not called for kinds that run nothing, nor for deletions',
    async () => {
      assert.equal((await run('create', 'configmap', 'settings')).code, 0)
      assert.equal((await run('delete', 'deployment', 'web', '--wait=false')).code, 0)
      await untilPods(0)
    }
  )
  await points.check(
    'the namespaces that a cluster needs to start are never judged, whatever their labels',
    async () => {
      const own = ['label', 'namespace', 'mlgitops-system', 'mlgitops.io/admission=enabled']
      assert.equal((await kubectl(machine.controlPlane, own)).code, 0)
      const create = ['create', 'deployment', 'x', '--image=x', '--dry-run=server']
      const seen = await kubectl(machine.controlPlane, ['-n', 'mlgitops-system', ...create])
      assert.equal(seen.code, 0)
    }
  )
}
