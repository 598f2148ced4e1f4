import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { connect } from 'node:tls'
import { readYaml } from '../../../common/yaml/read.ts'
import type { JsonObject } from '../../../common/json.ts'
import { issueAuthority, issueLeaf } from '../../../service/certificates/issue.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { eventually } from '../rig/eventually.ts'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Program } from '../rig/program.ts'

const configuration = path.join(
  import.meta.dirname,
  '../../../manifests/webhook/validating-webhook-configuration.yaml'
)
const configurations = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'
const hourMs = 3_600_000

/** The webhook as a process, and the API server configured to call it. */
export class WebhookHost {
  readonly #machine: Machine
  readonly #name: string
  readonly #port: number
  readonly #metricsPort: number
  #more: readonly string[]
  readonly #authorities: string[] = []
  #registrations = 0
  #program: Program | undefined

  private constructor(
    machine: Machine,
    name: string,
    ports: readonly [number, number],
    more: readonly string[]
  ) {
    this.#machine = machine
    this.#name = name
    ;[this.#port, this.#metricsPort] = ports
    this.#more = more
  }

  /**
   * Starts it and registers what `manifests/webhook` ships, for namespaces with the further label
   * `e2e: <name>` and by URL: the API server cannot reach a Service here.
   */
  static async start(
    machine: Machine,
    name: string,
    more: readonly string[]
  ): Promise<WebhookHost> {
    const host = new WebhookHost(machine, name, [await freePort(), await freePort()], more)
    await host.renewCertificate()
    await host.launch()
    await makeNamespace(machine, host.namespace, host.labels)
    await host.register()
    machine.atEnd(() => machine.controlPlane.client.remove(`${configurations}/${host.#title}`))
    return host
  }

  get #title(): string {
    return `mlgitops-${this.#name}`
  }

  get namespace(): string {
    return `e2e-${this.#name}`
  }

  /** The selector of the namespaces that it judges. */
  get labels(): Readonly<Record<string, string>> {
    return { 'mlgitops.io/admission': 'enabled', e2e: this.#name }
  }

  said(): string {
    return this.#program?.said() ?? ''
  }

  async launch(): Promise<void> {
    const folder = this.#machine.folder
    this.#program = this.#machine.startOurs(`webhook-${this.#name}`, [
      ...['serve', 'webhook', '--listen', `127.0.0.1:${this.#port}`],
      ...['--metrics-listen', `127.0.0.1:${this.#metricsPort}`],
      ...['--tls-cert', path.join(folder, 'tls.crt'), '--tls-key', path.join(folder, 'tls.key')],
      ...this.#more
    ])
    await this.#program.line(/^metrics on (\S+)$/m)
  }

  async stop(signal: NodeJS.Signals): Promise<void> {
    await this.#program?.stop(signal)
  }

  /** Restarts it with other options. */
  async restart(more: readonly string[]): Promise<void> {
    await this.stop('SIGTERM')
    this.#more = more
    await this.launch()
  }

  /** Writes a leaf of a new CA, which the API server trusts before it is served; returns its fingerprint. */
  async renewCertificate(): Promise<string> {
    const validity = { notBeforeMs: Date.now() - hourMs, notAfterMs: Date.now() + hourMs }
    const authority = await issueAuthority(`e2e ${this.#name}`, validity)
    this.#authorities.push(authority.certificatePem)
    if (this.#authorities.length > 1) await this.register()
    const leaf = await issueLeaf(authority, ['127.0.0.1'], validity)
    writeFileSync(path.join(this.#machine.folder, 'tls.key'), leaf.keyPem, { mode: 0o600 })
    writeFileSync(path.join(this.#machine.folder, 'tls.crt'), leaf.certificatePem)
    return new X509Certificate(leaf.certificatePem).fingerprint256
  }

  /** The fingerprint of the certificate that it serves. */
  async servedCertificate(): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port: this.#port, ca: this.#authorities.slice() })
    try {
      await once(socket, 'secureConnect')
      return socket.getPeerCertificate().fingerprint256
    } finally {
      socket.destroy()
    }
  }

  /** Opens requests without a body; each uses capacity until the returned function is called. */
  async crowd(count: number): Promise<() => void> {
    const head = [
      ...['POST /validate?timeout=10s HTTP/1.1', 'Host: 127.0.0.1'],
      ...['Content-Type: application/json', 'Content-Length: 100', '', '']
    ].join('\r\n')
    const to = { host: '127.0.0.1', port: this.#port, ca: this.#authorities.slice() }
    const sockets = Array.from({ length: count }, () => {
      const socket = connect(to, () => socket.write(head))
      // It may be closed from the other side.
      return socket.on('error', () => undefined)
    })
    await this.until('mlgitops_http_requests_in_flight ', count)
    return () => {
      for (const socket of sockets) socket.destroy()
    }
  }

  /** Writes the ValidatingWebhookConfiguration, and waits until the API server uses it. */
  async register(failurePolicy: 'Fail' | 'Ignore' = 'Fail'): Promise<void> {
    const shipped = readYaml(readFileSync(configuration, 'utf8'), { file: configuration })[0]
      ?.value as JsonObject
    this.#registrations += 1
    const probe = `registration-${this.#registrations}`
    const webhooks = (shipped.webhooks as JsonObject[]).map(webhook => ({
      ...webhook,
      failurePolicy,
      namespaceSelector: { matchLabels: this.labels },
      matchConditions: [{ name: 'no-probe', expression: `object.metadata.name != "${probe}"` }],
      clientConfig: {
        url: `https://127.0.0.1:${this.#port}/validate`,
        caBundle: Buffer.from(this.#authorities.join('')).toString('base64')
      }
    }))
    const object = { ...shipped, metadata: { name: this.#title }, webhooks }
    const { client } = this.#machine.controlPlane
    expectSuccess(await client.apply(`${configurations}/${this.#title}`, object), this.#title)
    await this.#untilLive(probe)
  }

  /** The API server follows its configurations a moment later: the probe is exempt in the newest only. */
  async #untilLive(name: string): Promise<void> {
    const { client } = this.#machine.controlPlane
    const path = `/api/v1/namespaces/${this.namespace}/podtemplates?dryRun=All`
    const container = { name: 'x', image: 'x' }
    const template = { metadata: {}, spec: { containers: [container] } }
    const probe = { apiVersion: 'v1', kind: 'PodTemplate', metadata: { name }, template }
    await eventually(async () => (await client.create(path, probe)).status === 201 || undefined, {
      what: 'the API server uses the new configuration',
      everyMs: 20
    })
  }

  /** The sum of all series of a metric with this prefix; 0 if there is none. */
  async metric(series: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.#metricsPort}/metrics`)
    const lines = (await response.text()).split('\n').filter(line => line.startsWith(series))
    return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
  }

  /** Reviews that it has decided since it was started. */
  reviews(): Promise<number> {
    return this.metric('mlgitops_admission_decisions_total{')
  }

  /** The URL that its kubelet would probe. */
  get probedUrl(): string {
    return `http://127.0.0.1:${this.#metricsPort}`
  }

  async until(series: string, value: number): Promise<void> {
    await eventually(async () => (await this.metric(series)) === value || undefined, {
      what: `${series} is ${value}`
    })
  }
}
