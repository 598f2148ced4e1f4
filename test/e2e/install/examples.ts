import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import { moduleFolder } from '../rig/module-files.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'

const manifests = path.join(import.meta.dirname, '../../../manifests')
const applications = [
  'models/churn-prediction',
  'models/sentiment',
  'models/recommender',
  'overlays/staging',
  'overlays/production',
  'platform/cluster',
  'platform/argocd',
  'platform/flux'
]

/** Every example as the API server takes it, by the definitions that the projects themselves ship. */
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
  await points.check('the sidecar on Argo CD’s own argocd-repo-server', () => proveSidecar(machine))
}

async function applied(machine: Machine, objects: readonly JsonObject[]): Promise<void> {
  for (const object of objects) {
    const args = ['apply', '--server-side', '--dry-run=server', '-f', '-']
    const seen = await kubectl(machine.controlPlane, args, object)
    assert.deepEqual([seen.stderr, seen.code], ['', 0])
  }
}

async function proveSidecar(machine: Machine): Promise<void> {
  const folder = path.join(machine.folder, 'argocd')
  mkdirSync(folder)
  const at = (target: string) => path.relative(folder, target)
  const base = path.join(await moduleFolder('argocd'), 'manifests/base/repo-server')
  const component = path.join(manifests, 'components/argocd-repo-server')
  writeFileSync(
    path.join(folder, 'kustomization.yaml'),
    `namespace: argocd\nresources: [${at(base)}]\ncomponents: [${at(component)}]\n`
  )
  const args = ['apply', '--server-side', '--dry-run=server', '-k', folder]
  const seen = await kubectl(machine.controlPlane, args)
  assert.deepEqual([seen.stderr, seen.code], ['', 0])
  assert.match(seen.stdout, /deployment\.apps\/argocd-repo-server serverside-applied/)
}
