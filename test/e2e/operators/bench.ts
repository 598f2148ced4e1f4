import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { writeYaml } from '../../../common/yaml/write.ts'
import { WebhookHost } from '../admission/webhook-host.ts'
import { accountKubeconfig } from '../rig/account.ts'
import { eventually } from '../rig/eventually.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Seen } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { foldersOf, manifests } from '../rig/manifest-folders.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import { makeNamespace } from '../rig/namespace.ts'
import { operatorCases, stateful } from './cases.ts'
import type { Made } from './case.ts'

const system = 'mlgitops-system'
const suite = 'operators'

const policy: JsonObject = {
  apiVersion: 'mlgitops.io/v1alpha1',
  kind: 'ModelPolicy',
  metadata: { name: 'signed' },
  spec: { validationActions: ['Deny'], rules: [{ provenance: { pods: 'owner' } }] }
}

/** The webhook with every component for an operator, its own account and its own permissions. */
export class OperatorBench {
  readonly machine: Machine
  readonly host: WebhookHost
  /** Signed owners and templates, by kind and name. */
  readonly signed: ReadonlyMap<string, JsonObject>

  private constructor(machine: Machine, host: WebhookHost, signed: OperatorBench['signed']) {
    this.machine = machine
    this.host = host
    this.signed = signed
  }

  static async create(machine: Machine): Promise<OperatorBench> {
    const repository = await ModelRepository.create(machine.folder, {
      production: `e2e-${suite}`
    })
    const options = await installComponents(machine)
    await letAccountsWrite(machine)
    const policies = path.join(machine.folder, 'policies')
    mkdirSync(policies)
    writeFileSync(path.join(policies, 'signed.json'), JSON.stringify(policy))
    const host = await WebhookHost.start(machine, suite, [
      ...['--policies', policies, '--keys', repository.trustedKey],
      ...['--kubeconfig', await accountKubeconfig(machine, system, 'mlgitops-webhook')],
      ...options
    ])
    return new OperatorBench(machine, host, await signOwners(repository))
  }

  get namespace(): string {
    return this.host.namespace
  }

  /** Waits for an object that the cluster makes. */
  made({ type, name }: Made): Promise<JsonObject> {
    const [, kind = ''] = type.split(' ')
    const args = ['get', kind, name, '--namespace', this.namespace, '-o', 'json']
    return eventually(
      async () => {
        const { code, stdout } = await kubectl(this.machine.controlPlane, args)
        return code === 0 ? (JSON.parse(stdout) as JsonObject) : undefined
      },
      { what: `${kind} ${name} exists` }
    )
  }

  /** Creates an object as an account; `NAMESPACE:ACCOUNT`, or the administrator. */
  create(object: JsonObject, by?: string): Promise<Seen> {
    const as = by === undefined ? [] : [`--as=system:serviceaccount:${by}`]
    const args = ['create', '--validate=ignore', '-o', 'json', ...as, '-f', '-']
    return kubectl(this.machine.controlPlane, args, object)
  }
}

/** Applies the permissions of all components; returns their options. */
async function installComponents(machine: Machine): Promise<readonly string[]> {
  await makeNamespace(machine, system)
  const folder = path.join(machine.folder, 'installed')
  mkdirSync(folder)
  const at = (name: string) => path.relative(folder, path.join(manifests, name))
  const components = [
    at('components/pods-by-owner'),
    ...foldersOf('components/operators').map(name => at(`components/operators/${name}`))
  ]
  const kustomization = {
    resources: [at('overlays/webhook-only')],
    components
  }
  writeFileSync(path.join(folder, 'kustomization.yaml'), writeYaml(kustomization))
  const built = await kubectl(machine.controlPlane, ['kustomize', folder])
  if (built.code !== 0) throw new Error(built.stderr)
  const objects = readYaml(built.stdout, { file: folder }).map(({ value }) => value as JsonObject)
  const nameOf = (object: JsonObject) => stringMember(object.metadata, 'name') ?? ''
  const access = objects.filter(
    object =>
      nameOf(object).startsWith('mlgitops-webhook-owners-') || object.kind === 'ServiceAccount'
  )
  const list = { apiVersion: 'v1', kind: 'List', items: access }
  const applied = await kubectl(machine.controlPlane, ['apply', '-f', '-'], list)
  if (applied.code !== 0) throw new Error(applied.stderr)
  machine.atEnd(() => kubectl(machine.controlPlane, ['delete', '--wait=false', '-f', '-'], list))
  const deployment = JSON.stringify(objects.find(({ kind }) => kind === 'Deployment'))
  return deployment.match(/--operator[^"]*/g) ?? []
}

/** In a cluster their own projects give them permissions. */
async function letAccountsWrite(machine: Machine): Promise<void> {
  const accounts = new Set(
    operatorCases.flatMap(each => each.children.flatMap(({ by }) => by ?? []))
  )
  const subjects = [...accounts].map(account => {
    const [namespace = '', name = ''] = account.split(':')
    return { kind: 'ServiceAccount', namespace, name }
  })
  const binding = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'e2e-operators' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects
  }
  const applied = await kubectl(machine.controlPlane, ['apply', '-f', '-'], binding)
  if (applied.code !== 0) throw new Error(applied.stderr)
  machine.atEnd(() => kubectl(machine.controlPlane, ['delete', '--wait=false', '-f', '-'], binding))
}

/** Renders and signs owners and templates as an application of the repository. */
async function signOwners(repository: ModelRepository): Promise<OperatorBench['signed']> {
  const application = 'models/owners'
  const folder = path.join(repository.git.folder, application)
  mkdirSync(folder)
  const owners = operatorCases.flatMap(({ owner, templates = [] }) => [owner, ...templates])
  const made = [...owners, stateful]
  for (const [index, each] of made.entries()) {
    const object = objectOf(each, { namespace: `e2e-${suite}` })
    writeFileSync(path.join(folder, `object-${index}.yaml`), writeYaml(object))
  }
  repository.git.commit('Owners for operators')
  const rendered = await repository.render(application, 'production')
  return new Map(rendered.map(object => [keyOf(object), object]))
}

/** Names an object in the map of signed ones. */
export function keyOf({ kind, metadata }: JsonObject): string {
  return `${typeof kind === 'string' ? kind : ''} ${stringMember(metadata, 'name') ?? ''}`
}

/** The manifest of what is made. */
export function objectOf(
  { type, name, spec, isClusterWide }: Made,
  { namespace, ...metadata }: JsonObject
): JsonObject {
  const [apiVersion = '', kind = ''] = type.split(' ')
  const placed = isClusterWide === true || namespace === undefined ? {} : { namespace }
  return { apiVersion, kind, metadata: { name, ...placed, ...metadata }, spec }
}
