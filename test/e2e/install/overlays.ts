import assert from 'node:assert/strict'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Seen } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { foldersOf, manifests } from '../rig/manifest-folders.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'

/** The number of pods of each Deployment, by overlay. */
const overlays: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  flux: { 'mlgitops-flux': 2 },
  default: { 'mlgitops-webhook': 2, 'mlgitops-analysis': 1 },
  trial: { 'mlgitops-webhook': 2, 'mlgitops-analysis': 1 },
  'webhook-only': { 'mlgitops-webhook': 2 },
  'analysis-only': { 'mlgitops-analysis': 1 },
  'cert-manager': { 'mlgitops-webhook': 2, 'mlgitops-analysis': 1 },
  'high-availability': { 'mlgitops-webhook': 3, 'mlgitops-analysis': 1 }
}

function deploymentsOf(overlay: string): string {
  const namespace = overlay === 'flux' ? 'flux-system' : 'mlgitops-system'
  return `/apis/apps/v1/namespaces/${namespace}/deployments`
}

/** Runs `kubectl apply -k` for a folder below `manifests`, as docs/install.md says. */
export function applyFolder(
  machine: Machine,
  folder: string,
  options: readonly string[] = []
): Promise<Seen> {
  return kubectl(machine.controlPlane, [
    ...['apply', '--server-side', '-k', path.join(manifests, folder)],
    ...options
  ])
}

/**
 * Deletes an overlay except for its CRDs, which other tests use; waits until it is gone.
 *
 * @param isWhole also deletes its namespace, which takes as long as everything else
 */
export async function removeOverlay(
  machine: Machine,
  overlay: string,
  isWhole = false
): Promise<void> {
  const file = path.join(manifests, 'overlays', overlay)
  const built = await kubectl(machine.controlPlane, ['kustomize', file])
  const stays = isWhole ? /\nkind: CustomResource/ : /\nkind: (?:CustomResource|Namespace\n)/
  const kept = built.stdout.split(/^---$/m).filter(each => !stays.test(each))
  const args = ['delete', '--ignore-not-found', '--timeout=180s', '-f', '-']
  const seen = await kubectl(machine.controlPlane, args, kept.join('---'))
  assert.deepEqual([seen.stderr, seen.code], ['', 0])
}

/** Applies the CRDs first: kubectl looks up every kind before it sends anything. */
async function applyDefinitions(machine: Machine): Promise<void> {
  assert.equal((await applyFolder(machine, 'crds')).code, 0)
  const seen = await kubectl(machine.controlPlane, [
    ...['wait', '--for=condition=Established', '--timeout=180s', 'crd'],
    ...[
      'modelanalyses',
      'modelpolicies',
      'modelreleases',
      'policyexceptions',
      'registeredmodels'
    ].map(plural => `${plural}.mlgitops.io`)
  ])
  assert.deepEqual([seen.stderr, seen.code], ['', 0])
}

/** Applies every overlay to the API server: its pods start, a second apply changes nothing, and it can be removed. */
export async function proveOverlays(machine: Machine, points: Points): Promise<void> {
  await points.check(
    'without the CRDs an overlay installs everything but its policies, with an error for each',
    async () => {
      // kubectl caches the kinds of a server; this cache is empty.
      const emptyCache = ['--cache-dir', path.join(machine.folder, 'empty-cache')]
      const seen = await applyFolder(machine, 'overlays/default', emptyCache)
      assert.equal(seen.code, 1)
      assert.match(
        seen.stderr,
        /no matches for kind "ModelPolicy" in version "mlgitops\.io\/v1alpha1"/
      )
      assert.deepEqual(
        seen.stderr.split('\n').filter(line => !/ModelPolicy|ensure CRDs|^$/.test(line)),
        []
      )
      await applyDefinitions(machine)
      const list = ['get', 'modelpolicies,modelanalyses']
      await eventually(
        async () => (await kubectl(machine.controlPlane, list)).code === 0 || undefined,
        { what: 'the CRDs are served' }
      )
      await removeOverlay(machine, 'default', true)
    }
  )
  // Flux is installed before our overlay for it.
  await makeNamespace(machine, 'flux-system')
  for (const overlay of foldersOf('overlays').filter(name => name !== 'policies')) {
    await points.check(
      `overlay ${overlay}: applied strictly, its pods start, and it is removed`,
      async () => {
        const pods = overlays[overlay]
        assert.ok(pods, 'its pods are listed in `overlays`')
        await proveOverlay(machine, overlay, pods)
      }
    )
  }
  await points.check(
    'the overlays of policies that deny, warn or audit apply unchanged',
    async () => {
      for (const action of foldersOf('overlays/policies')) {
        const seen = await applyFolder(machine, `overlays/policies/${action}`, ['--dry-run=server'])
        assert.deepEqual([seen.stderr, seen.code], ['', 0])
      }
    }
  )
}

async function proveOverlay(
  machine: Machine,
  overlay: string,
  pods: Readonly<Record<string, number>>
): Promise<void> {
  const { client } = machine.controlPlane
  const first = await applyFolder(machine, `overlays/${overlay}`)
  // The server warns of unknown fields and of pods that the namespace's Pod Security would refuse.
  assert.deepEqual([first.stderr, first.code], ['', 0])
  for (const [name, replicas] of Object.entries(pods)) {
    const ready = await eventually(
      async () => {
        const { status } = await client.read(`${deploymentsOf(overlay)}/${name}`)
        return Number((status as JsonObject).availableReplicas) === replicas || undefined
      },
      { what: `${name} has ${replicas} pods` }
    )
    assert.ok(ready)
  }
  const before = await generations(machine, overlay)
  const again = await applyFolder(machine, `overlays/${overlay}`)
  assert.deepEqual([again.stderr, again.code], ['', 0])
  assert.deepEqual(await generations(machine, overlay), before)
  await removeOverlay(machine, overlay)
}

/** The generations of the Deployments: they change with the specification. */
async function generations(machine: Machine, overlay: string): Promise<readonly unknown[]> {
  const all = await machine.controlPlane.client.list(deploymentsOf(overlay))
  return all.map(({ metadata }) => {
    const { name, generation } = metadata as JsonObject
    return [name, generation]
  })
}
