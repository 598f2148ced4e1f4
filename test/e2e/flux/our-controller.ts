import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { readYaml } from '../../../common/yaml/read.ts'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { freePort } from '../rig/free-port.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import { untilReadiness } from '../rig/readiness.ts'
import { Downloads } from './downloads.ts'
import { fluxNamespace } from './flux-hosts.ts'
import type { Program } from '../rig/program.ts'

const manifests = path.join(import.meta.dirname, '../../../manifests')
const shippedAddress = 'http://mlgitops-flux.flux-system.svc.cluster.local.'
const tokenSeconds = 7_200
/** A killed replica holds the Lease for 15 seconds. */
const takeOverMs = 150_000

/** Installs the overlay flux, and runs its controller as a process with its service account. */
export class OurController {
  readonly #machine: Machine
  readonly #ports: { readonly http: number; readonly metrics: number }
  readonly #events: string
  readonly downloads: Downloads
  #text: string
  #program: Program | undefined
  #starts = 0

  private constructor(
    machine: Machine,
    options: {
      readonly ports: { readonly http: number; readonly metrics: number }
      readonly events: string
      readonly downloads: Downloads
      readonly text: string
    }
  ) {
    this.#machine = machine
    this.#ports = options.ports
    this.#events = options.events
    this.downloads = options.downloads
    this.#text = options.text
  }

  /**
   * Applies the overlay. Only the URL of the artifacts is replaced, also in the guard, because the cluster
   * has no network.
   */
  static async install(machine: Machine, events: string): Promise<OurController> {
    const ports = { http: await freePort(), metrics: await freePort() }
    const downloads = await Downloads.start(machine, `http://127.0.0.1:${ports.http}`)
    const controller = new OurController(machine, { ports, events, downloads, text: '' })
    machine.atEnd(() => controller.#remove())
    await controller.configure([])
    return controller
  }

  /** Applies the overlay with these components, and restarts the controller with its options. */
  async configure(components: readonly string[]): Promise<void> {
    await this.stop()
    this.#text = this.#build(components).replaceAll(shippedAddress, this.downloads.url)
    await this.#apply()
    await this.launch()
  }

  get storage(): string {
    return path.join(this.#machine.folder, `flux-storage-${this.#ports.http}`)
  }

  /** Starts a second replica, as in the Deployment. */
  async replica(): Promise<OurController> {
    const ports = { http: await freePort(), metrics: await freePort() }
    const [events, downloads, text] = [this.#events, this.downloads, this.#text]
    const other = new OurController(this.#machine, { ports, events, downloads, text })
    await other.launch()
    return other
  }

  /** Starts the controller with the options of the Deployment, except for those that need a pod. */
  async launch(): Promise<void> {
    const { folder } = this.#machine
    const kubeconfig = path.join(folder, 'flux-account.json')
    writeFileSync(kubeconfig, JSON.stringify(await this.#account()))
    const own = new Map([
      ['--listen', `127.0.0.1:${this.#ports.http}`],
      ['--metrics-listen', `127.0.0.1:${this.#ports.metrics}`],
      ['--storage', this.storage],
      ['--events-addr', this.#events]
    ])
    const options = this.#shippedArgs().map(option => {
      const [name = '', value] = option.split('=')
      return value === undefined ? option : `${name}=${own.get(name) ?? value}`
    })
    this.#starts += 1
    const args = [...options, '--kubeconfig', kubeconfig, '--grace-seconds', '0']
    const name = `flux-${this.#ports.http}`
    const PATH = [this.#machine.peersFolder, process.env.PATH].join(path.delimiter)
    const env = { PATH, POD_NAME: `mlgitops-${name}-${this.#starts}` }
    this.#program = this.#machine.startOurs(name, args, env)
    await this.#program.line(/^metrics on (\S+)$/m)
  }

  /** The URL of its readiness probe. */
  get probedUrl(): string {
    return `http://127.0.0.1:${this.#ports.http}`
  }

  async untilReady(): Promise<void> {
    await untilReadiness(this.probedUrl, { status: 200, timeoutMs: takeOverMs })
  }

  /** Kills the process, which keeps the Lease. */
  async kill(): Promise<void> {
    await this.#program?.stop('SIGKILL')
  }

  async stop(): Promise<void> {
    await this.#program?.stop()
  }

  /** Empties the storage, like a new pod with an emptyDir. */
  emptyDisk(): void {
    rmSync(this.storage, { recursive: true, force: true })
  }

  #shippedArgs(): readonly string[] {
    const objects = readYaml(this.#text, { file: 'overlays/flux' })
    const deployment = objects.find(({ value }) => stringMember(value, 'kind') === 'Deployment')
    const spec = member(member(member(deployment?.value, 'spec'), 'template'), 'spec')
    const [container] = member(spec, 'containers') as readonly JsonObject[]
    return (container?.args as readonly string[]).slice(1)
  }

  #build(components: readonly string[]): string {
    const folder = path.join(this.#machine.folder, 'flux-overlay')
    mkdirSync(folder, { recursive: true })
    const at = (name: string) => path.relative(folder, path.join(manifests, name))
    const kustomization = {
      resources: [at('overlays/flux')],
      components: components.map(name => at(`components/${name}`))
    }
    writeFileSync(path.join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
    const kustomize = this.#machine.peer('kustomize')
    const built = spawnSync(kustomize, ['build', folder], { encoding: 'utf8' })
    if (built.status !== 0) throw new Error(built.stderr)
    return built.stdout
  }

  async #apply(): Promise<void> {
    const { controlPlane } = this.#machine
    const apply = ['apply', '--server-side', '--force-conflicts', '--validate=strict', '-f', '-']
    const seen = await kubectl(controlPlane, apply, this.#text)
    if (seen.code !== 0) throw new Error(seen.stderr)
    const crds = ['wait', '--for=condition=Established', 'crd/modelreleases.mlgitops.io']
    await kubectl(controlPlane, [...crds, '--timeout=60s'])
  }

  async #remove(): Promise<void> {
    const isKept = (text: string) => text.includes('\nkind: CustomResourceDefinition')
    const rest = this.#text.split(/^---$/m).filter(text => !isKept(text))
    await kubectl(
      this.#machine.controlPlane,
      ['delete', '--wait=false', '-f', '-'],
      rest.join('---')
    )
  }

  /** A kubeconfig with the controller's service account. */
  async #account(): Promise<JsonObject> {
    const { controlPlane } = this.#machine
    const at = `/api/v1/namespaces/${fluxNamespace}/serviceaccounts/mlgitops-flux/token`
    const request = { spec: { expirationSeconds: tokenSeconds } }
    const answer = expectSuccess(await controlPlane.client.create(at, request), 'token')
    return controlPlane.kubeconfigFor(stringMember(answer.status, 'token') ?? '')
  }
}
