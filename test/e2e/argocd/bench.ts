import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { installForeign, installOwn } from '../rig/crds.ts'
import type { Machine } from '../rig/machine.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import { makeNamespace } from '../rig/namespace.ts'
import { WebhookHost } from '../admission/webhook-host.ts'
import { Application } from './application.ts'
import type { ApplicationSpec } from './application.ts'
import { ArgoCd } from './argo-cd.ts'
import { actAsOperators } from './operators.ts'

const readyMade = path.join(import.meta.dirname, '../../../manifests/policies')
const stagingNamespace = 'e2e-argocd-staging'
const productionNamespace = 'e2e-argocd'

/** Argo CD with our plugin, a repository of models, and the webhook in front of production. */
export class Bench {
  readonly machine: Machine
  readonly repository: ModelRepository
  readonly host: WebhookHost
  readonly argo: ArgoCd

  private constructor(
    machine: Machine,
    { repository, host, argo }: Pick<Bench, 'repository' | 'host' | 'argo'>
  ) {
    this.machine = machine
    this.repository = repository
    this.host = host
    this.argo = argo
  }

  static async create(machine: Machine): Promise<Bench> {
    const kinds = ['InferenceService', 'PipelineRun', 'flagger'] as const
    await installForeign(machine.controlPlane, kinds)
    await installOwn(machine.controlPlane, ['registeredmodels'])
    machine.atEnd(actAsOperators(machine.controlPlane.client))
    const namespaces = { staging: stagingNamespace, production: productionNamespace }
    const repository = await ModelRepository.create(machine.folder, namespaces)
    await makeNamespace(machine, stagingNamespace)
    await makeNamespace(machine, productionNamespace)
    await addAccounts(machine, repository)
    const { trustedKey, signingKey } = repository
    const options = ['--policies', readyMade, '--keys', trustedKey, '--grace-seconds', '0']
    const host = await WebhookHost.start(machine, 'argocd', options)
    const argo = await ArgoCd.start(machine, { MLGITOPS_SIGNING_KEY_FILE: signingKey })
    return new Bench(machine, { repository, host, argo })
  }

  get client() {
    return this.machine.controlPlane.client
  }

  /** Runs Git in the repository, as its owner. */
  git(...args: readonly string[]): string {
    const identity = ['-c', 'user.name=Example', '-c', 'user.email=example@example.com']
    const cwd = this.repository.git.folder
    return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8' }).trim()
  }

  /** An Application that was created before. */
  known(name: string): Application {
    return new Application(this.machine.controlPlane, name)
  }

  /** Creates a namespace for one point. */
  extraNamespace(name: string): Promise<string> {
    return makeNamespace(this.machine, `e2e-argocd-${name}`)
  }

  namespaceOf(environment: string): string {
    return environment === 'production' ? this.host.namespace : stagingNamespace
  }

  /** Creates an Application of a model in an environment, as in the example. */
  application(
    name: string,
    model: string,
    environment: string,
    more: Partial<
      Pick<ApplicationSpec, 'plugin' | 'annotations' | 'syncOptions' | 'namespace'>
    > = {}
  ): Promise<Application> {
    const parameters = [{ name: 'environment', string: environment }]
    return Application.create(this.machine.controlPlane, {
      name,
      repository: this.repository.git.folder,
      path: model,
      namespace: this.namespaceOf(environment),
      plugin: { name: 'mlgitops', parameters },
      ...more
    })
  }

  /** Writes or removes files of the repository, and commits. @returns the commit */
  commit(message: string, files: Readonly<Record<string, string | undefined>>): string {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.repository.git.folder, name)
      mkdirSync(path.dirname(file), { recursive: true })
      if (text === undefined) rmSync(file, { force: true })
      else writeFileSync(file, text)
    }
    return this.repository.git.commit(message)
  }

  read(file: string): string {
    const found = path.join(this.repository.git.folder, file)
    return existsSync(found) ? readFileSync(found, 'utf8') : ''
  }
}

/** Creates the service accounts of the example in the namespaces of the suite. */
async function addAccounts({ controlPlane }: Machine, { git }: ModelRepository): Promise<void> {
  const file = path.join(git.folder, 'platform/cluster/namespaces.yaml')
  const namespaces = { 'ml-staging': stagingNamespace, 'ml-production': productionNamespace }
  for (const { value } of readYaml(readFileSync(file, 'utf8'), { file })) {
    const { kind, metadata } = value as JsonObject
    if (kind !== 'ServiceAccount') continue
    const { name, namespace } = metadata as Record<'name', string> &
      Record<'namespace', keyof typeof namespaces>
    const target = namespaces[namespace]
    const account = { ...(value as JsonObject), metadata: { name, namespace: target } }
    const at = `/api/v1/namespaces/${target}/serviceaccounts/${name}`
    expectSuccess(await controlPlane.client.apply(at, account), `account ${name}`)
  }
}
