import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Seen } from '../rig/kubectl.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { ModelRepository } from '../rig/model-repository.ts'
import { WebhookHost } from './webhook-host.ts'

const readyMade = path.join(import.meta.dirname, '../../../manifests/policies')
const webhookName = 'policies.mlgitops.io'

/** A policy of the suite that requires the label `tier`. */
export function tierPolicy(actions: readonly string[], key = 'tier'): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name: `${key}-label` },
    spec: {
      validationActions: actions,
      matchConstraints: { kinds: [{ apiGroups: ['mlgitops.io'], kinds: ['RegisteredModel'] }] },
      rules: [{ labels: { required: [{ key }] } }]
    }
  }
}

/** A registry entry: it runs nothing, so only rules on labels apply. */
export function registryEntry(
  namespace: string,
  name: string,
  labels: JsonObject = {}
): JsonObject {
  return {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'RegisteredModel',
    metadata: {
      name,
      namespace,
      labels: { team: 'ml', 'app.kubernetes.io/part-of': 'e2e', ...labels }
    },
    spec: {
      name,
      version: '1',
      artifactPath: 's3://models-bucket/m/model.pkl',
      gitCommit: 'c'.repeat(40)
    }
  }
}

/** The webhook with the ready-made policies, in front of one namespace. */
export class Bench {
  readonly machine: Machine
  readonly repository: ModelRepository
  readonly host: WebhookHost
  readonly #policies: string

  private constructor(
    machine: Machine,
    repository: ModelRepository,
    host: WebhookHost,
    policies: string
  ) {
    this.machine = machine
    this.repository = repository
    this.host = host
    this.#policies = policies
  }

  static async create(machine: Machine): Promise<Bench> {
    const repository = await ModelRepository.create(machine.folder, { production: 'e2e-admission' })
    const policies = path.join(machine.folder, 'policies')
    mkdirSync(policies)
    cpSync(readyMade, policies, { recursive: true })
    writeFileSync(path.join(policies, 'tier.json'), JSON.stringify(tierPolicy(['Warn', 'Audit'])))
    const options = optionsFor(policies, repository)
    const host = await WebhookHost.start(machine, 'admission', options)
    return new Bench(machine, repository, host, policies)
  }

  /** What the webhook is started with. */
  get options(): readonly string[] {
    return optionsFor(this.#policies, this.repository)
  }

  get namespace(): string {
    return this.host.namespace
  }

  get client() {
    return this.machine.controlPlane.client
  }

  kubectl(args: readonly string[], input?: JsonObject | string): Promise<Seen> {
    return kubectl(this.machine.controlPlane, ['-n', this.namespace, ...args], input)
  }

  /** Writes a file of the policies folder, which the webhook reloads while it runs. */
  writePolicy(name: string, policy: JsonObject | string): void {
    const text = typeof policy === 'string' ? policy : JSON.stringify(policy)
    writeFileSync(path.join(this.#policies, name), text)
  }

  entries(name = ''): string {
    const collection = `/apis/mlgitops.io/v1alpha1/namespaces/${this.namespace}/registeredmodels`
    return name === '' ? collection : `${collection}/${name}`
  }

  /** The annotations that the webhook left on the last request for an object, in the audit log. */
  async auditOf(name: string, verb = 'create'): Promise<Readonly<Record<string, string>>> {
    return eventually(
      () => {
        const event = this.machine.controlPlane
          .auditEvents()
          .findLast(
            ({ objectRef, verb: done }) =>
              done === verb && (objectRef as JsonObject | undefined)?.name === name
          )
        if (event === undefined) return undefined
        const all = Object.entries((event.annotations ?? {}) as Record<string, string>)
        return Object.fromEntries(
          all
            .filter(([key]) => key.includes(webhookName) || key.includes('failed-open'))
            .map(([key, text]) => [key.replace(`${webhookName}/`, ''), text])
        )
      },
      { what: `the audit log has ${verb} ${name}` }
    )
  }
}

function optionsFor(policies: string, { trustedKey }: ModelRepository): readonly string[] {
  return ['--policies', policies, '--keys', trustedKey, '--grace-seconds', '0']
}
