import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { foldersOf, manifests } from '../rig/manifest-folders.ts'
import { moduleFolder } from '../rig/module-files.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Points } from '../rig/points.ts'

/** The resources that a component is added to, and the line that kubectl prints for what it changes. */
interface Base {
  readonly resources: () => string
  readonly namespace?: string
  readonly applied: RegExp
}

const overlay = (name: string) => () => path.join(manifests, 'overlays', name)
const ofProject = (module: 'argocd' | 'fluxKustomize', folder: string) => () =>
  path.join(moduleFolder(module), folder)

const bases: Readonly<Record<string, Base>> = {
  'argocd-repo-server': {
    resources: ofProject('argocd', 'manifests/base/repo-server'),
    namespace: 'argocd',
    applied: /^deployment\.apps\/argocd-repo-server serverside-applied/m
  },
  'cert-manager': {
    resources: overlay('default'),
    applied: /^certificate\.cert-manager\.io\/\S+ serverside-applied/m
  },
  'fail-open': {
    resources: overlay('default'),
    applied: /^validatingwebhookconfiguration\.\S+\/mlgitops serverside-applied/m
  },
  'flux-external-artifact': {
    resources: ofProject('fluxKustomize', 'config/manager'),
    namespace: 'flux-system',
    applied: /^deployment\.apps\/kustomize-controller serverside-applied/m
  },
  'flux-prometheus': {
    resources: overlay('flux'),
    applied: /^prometheusrule\.monitoring\.coreos\.com\/mlgitops-flux serverside-applied/m
  },
  'flux-watch-configs': {
    resources: overlay('flux'),
    applied: /^deployment\.apps\/mlgitops-flux serverside-applied/m
  },
  'pods-by-owner': {
    resources: overlay('default'),
    applied: /^clusterrole\.\S+\/mlgitops-webhook-owners-pods serverside-applied/m
  },
  prometheus: {
    resources: overlay('default'),
    applied: /^prometheusrule\.monitoring\.coreos\.com\/mlgitops-webhook serverside-applied/m
  },
  ...Object.fromEntries(
    foldersOf('components/operators').map(name => [
      `operators/${name}`,
      {
        resources: overlay('default'),
        applied: new RegExp(
          `^clusterrole\\.\\S+/mlgitops-webhook-owners-${name} serverside-applied`,
          'm'
        )
      }
    ])
  )
}

/** Applies every component to the manifests that it extends: Argo CD's, Flux's and our overlays. */
export async function proveComponents(machine: Machine, points: Points): Promise<void> {
  for (const name of ['argocd', 'flux-system', 'mlgitops-system']) {
    await makeNamespace(machine, name)
  }
  const components = [
    ...foldersOf('components').filter(name => name !== 'operators'),
    ...foldersOf('components/operators').map(name => `operators/${name}`)
  ]
  for (const component of components) {
    await points.check(
      `component ${component} applies to the manifests that it extends`,
      async () => {
        const base = bases[component]
        assert.ok(base, 'its base is listed in `bases`')
        await proveComponent(machine, component, base)
      }
    )
  }
}

async function proveComponent(machine: Machine, component: string, base: Base): Promise<void> {
  const folder = path.join(machine.folder, `component-${component.replace('/', '-')}`)
  mkdirSync(folder)
  const at = (target: string) => path.relative(folder, target)
  const lines = [
    ...(base.namespace === undefined ? [] : [`namespace: ${base.namespace}`]),
    `resources: [${at(base.resources())}]`,
    `components: [${at(path.join(manifests, 'components', component))}]`
  ]
  writeFileSync(path.join(folder, 'kustomization.yaml'), `${lines.join('\n')}\n`)
  const args = ['apply', '--server-side', '--dry-run=server', '-k', folder]
  const seen = await kubectl(machine.controlPlane, args)
  assert.deepEqual([seen.stderr, seen.code], ['', 0])
  assert.match(seen.stdout, base.applied)
}
