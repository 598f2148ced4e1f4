import { execFile } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { connect } from 'node:tls'
import { promisify } from 'node:util'
import { readYaml } from '../../../common/yaml/read.ts'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { issueAuthority } from '../../../service/certificates/issue.ts'
import { accountKubeconfig } from '../rig/account.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { freePort } from '../rig/free-port.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Seen } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { makeKey } from '../rig/model-repository.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Program } from '../rig/program.ts'

const run = promisify(execFile)
const overlay = path.join(import.meta.dirname, '../../../manifests/overlays/webhook-only')
const system = 'mlgitops-system'
const configuration =
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/mlgitops'
const dayMs = 86_400_000

/** The overlay webhook-only in the cluster, and its webhook as a local process with its service account. */
export class Installed {
  readonly machine: Machine
  readonly namespace = 'e2e-in-cluster'
  readonly #objects: readonly JsonObject[]
  readonly #ports: { readonly https: number; readonly metrics: number }
  #program: Program | undefined

  private constructor(
    machine: Machine,
    objects: readonly JsonObject[],
    ports: { readonly https: number; readonly metrics: number }
  ) {
    this.machine = machine
    this.#objects = objects
    this.#ports = ports
  }

  static async create(machine: Machine): Promise<Installed> {
    const { stdout } = await run(machine.peer('kustomize'), ['build', overlay])
    const objects = readYaml(stdout, { file: 'webhook-only' }).map(
      ({ value }) => value as JsonObject
    )
    const ports = { https: await freePort(), metrics: await freePort() }
    const installed = new Installed(machine, objects, ports)
    machine.atEnd(() => installed.kubectl(['delete', '--wait=false', '-k', overlay]))
    await installed.#apply()
    await makeNamespace(machine, installed.namespace, { 'mlgitops.io/admission': 'enabled' })
    await makeKey(path.join(machine.folder, 'keys'))
    await installed.#ageCa()
    await installed.launch()
    return installed
  }

  get client() {
    return this.machine.controlPlane.client
  }

  /** Returns an object of the overlay. @throws {Error} if there is none */
  object(kind: string, name: string): JsonObject {
    const found = this.#objects.find(
      object => object.kind === kind && member(object.metadata, 'name') === name
    )
    if (found === undefined) throw new Error(`the overlay has no ${kind} ${name}`)
    return found
  }

  kubectl(args: readonly string[], input?: JsonObject | string): Promise<Seen> {
    return kubectl(this.machine.controlPlane, args, input)
  }

  said(): string {
    return this.#program?.said() ?? ''
  }

  /** Starts the webhook with the options of the Deployment, except for addresses and files of the pod. */
  async launch(): Promise<void> {
    const { folder } = this.machine
    const kubeconfig = await accountKubeconfig(this.machine, system, 'mlgitops-webhook')
    const spec = member(
      member(this.object('Deployment', 'mlgitops-webhook').spec, 'template'),
      'spec'
    )
    const [container] = member(spec, 'containers') as readonly JsonObject[]
    const own = new Map([
      ['--listen', `127.0.0.1:${this.#ports.https}`],
      ['--metrics-listen', `127.0.0.1:${this.#ports.metrics}`],
      ['--keys', path.join(folder, 'keys/signing.pub')],
      ['--tls-name', '127.0.0.1']
    ])
    const options = (container?.args as readonly string[]).slice(1).map(option => {
      const [name = '', value] = option.split('=')
      return value === undefined ? option : `${name}=${own.get(name) ?? value}`
    })
    this.#program = this.machine.startOurs('webhook', [
      ...options,
      ...['--kubeconfig', kubeconfig, '--grace-seconds', '0']
    ])
    await this.#program.line(/^metrics on (\S+)$/m)
  }

  async restart(): Promise<void> {
    await this.#program?.stop()
    await this.launch()
  }

  /** The URL that its kubelet would probe. */
  get probedUrl(): string {
    return `http://127.0.0.1:${this.#ports.metrics}`
  }

  async caBundle(): Promise<string> {
    const [webhook] = (await this.client.read(configuration)).webhooks as readonly JsonObject[]
    return stringMember(webhook?.clientConfig, 'caBundle') ?? ''
  }

  /** Returns the certificate that it serves, in DER. */
  async servedCertificate(): Promise<Buffer> {
    const socket = connect({
      ...{ host: '127.0.0.1', port: this.#ports.https },
      ca: Buffer.from(await this.caBundle(), 'base64').toString()
    })
    try {
      await once(socket, 'secureConnect')
      return socket.getPeerCertificate().raw
    } finally {
      socket.destroy()
    }
  }

  /** Returns the condition Ready of a policy. */
  async condition(name: string): Promise<JsonObject | undefined> {
    const at = `/apis/mlgitops.io/v1alpha1/modelpolicies/${name}`
    const conditions = member((await this.client.read(at)).status, 'conditions') ?? []
    return (conditions as readonly JsonObject[]).find(({ type }) => type === 'Ready')
  }

  async #apply(): Promise<void> {
    // The kinds must be served before their objects can be applied.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      const args = [
        'apply',
        '--server-side',
        '--force-conflicts',
        '--validate=strict',
        '-k',
        overlay
      ]
      const { code, stderr } = await this.kubectl(args)
      if (code === 0) break
      if (attempt === 1) throw new Error(stderr)
      await this.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=180s'])
    }
    // The API server cannot resolve Services here, so it calls the webhook by URL.
    const url = `https://127.0.0.1:${this.#ports.https}/validate`
    const change = [
      { op: 'remove', path: '/webhooks/0/clientConfig/service' },
      { op: 'add', path: '/webhooks/0/clientConfig/url', value: url }
    ]
    const type = 'application/json-patch+json'
    expectSuccess(await this.client.patch(configuration, change, type), 'the configuration')
  }

  /** Writes the Secret of an installation of a year ago: its CA expires in ten days. */
  async #ageCa(): Promise<void> {
    const validity = { notBeforeMs: Date.now() - 355 * dayMs, notAfterMs: Date.now() + 10 * dayMs }
    const { certificatePem, keyPem } = await issueAuthority('e2e of a year ago', validity)
    const stringData = { 'ca.crt': certificatePem, 'ca.key': keyPem }
    const at = `/api/v1/namespaces/${system}/secrets/mlgitops-webhook-ca`
    expectSuccess(await this.client.patch(at, { stringData }), 'the Secret')
  }
}
