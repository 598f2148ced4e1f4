import assert from 'node:assert/strict'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { foldersOf, manifests } from '../rig/manifest-folders.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'

/** The application paths of the example; `overlays/base` is only a base of others. */
const applications = ['models', 'overlays', 'platform']
  .flatMap(parent => foldersOf(`examples/mlops-repo/${parent}`).map(name => `${parent}/${name}`))
  .filter(application => application !== 'overlays/base')

/** Applies every example to an API server that has the CRDs of the other projects. */
export async function proveExamples(machine: Machine, points: Points): Promise<void> {
  for (const name of ['ml-staging', 'ml-production', 'argocd', 'flux-system']) {
    await makeNamespace(machine, name)
  }
  const repository = await ModelRepository.create(machine.folder, {})
  for (const application of applications) {
    for (const environment of ['staging', 'production']) {
      if (application.startsWith('overlays/') && !application.endsWith(environment)) continue
      await points.check(`example ${application} in ${environment}`, async () => {
        const objects = await repository.render(application, environment)
        assert.notEqual(objects.length, 0)
        await applied(machine, objects)
      })
    }
  }
  await points.check('example canary', async () => {
    const args = ['apply', '--server-side', '--dry-run=server', '-f']
    const seen = await kubectl(machine.controlPlane, [
      ...args,
      path.join(manifests, 'examples/canary')
    ])
    assert.deepEqual([seen.stderr, seen.code], ['', 0])
  })
}

async function applied(machine: Machine, items: readonly JsonObject[]): Promise<void> {
  const args = ['apply', '--server-side', '--dry-run=server', '-f', '-']
  const list: JsonObject = { apiVersion: 'v1', kind: 'List', items }
  const seen = await kubectl(machine.controlPlane, args, list)
  assert.deepEqual([seen.stderr, seen.code], ['', 0])
  assert.equal(seen.stdout.trim().split('\n').length, items.length)
}
