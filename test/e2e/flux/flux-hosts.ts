import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { installForeign } from '../rig/crds.ts'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'
import type { Program } from '../rig/program.ts'

/** The namespace of Flux's controllers and of all releases. */
export const fluxNamespace = 'flux-system'

const kinds = [
  ...['GitRepository', 'OCIRepository', 'Bucket', 'HelmChart', 'HelmRepository'],
  ...['ExternalArtifact', 'Kustomization']
] as const

/** Shorter waits for a source and fewer retries of a download: the defaults are 30 s and 9 retries. */
const impatient = ['--requeue-dependency=2s', '--http-retry=1'] as const

/** Flux's own controllers, unchanged. */
export class FluxHosts {
  readonly #machine: Machine
  readonly #eventsAddress: string
  #kustomize: Program | undefined

  private constructor(machine: Machine, eventsAddress: string) {
    this.#machine = machine
    this.#eventsAddress = eventsAddress
  }

  /** @param eventsAddress receives the events instead of notification-controller */
  static async start(machine: Machine, eventsAddress: string): Promise<FluxHosts> {
    await installForeign(machine.controlPlane, kinds)
    const hosts = new FluxHosts(machine, eventsAddress)
    const address = `127.0.0.1:${await freePort()}`
    await hosts.#start('source-controller', [
      ...[`--storage-path=${hosts.#folder('source-data')}`, `--storage-addr=${address}`],
      `--storage-adv-addr=${address}`
    ])
    await hosts.startKustomize(['ExternalArtifact=true'])
    return hosts
  }

  /** Starts kustomize-controller with these feature gates; stops a running one. */
  async startKustomize(gates: readonly string[]): Promise<void> {
    await this.#kustomize?.stop()
    const options = gates.map(gate => `--feature-gates=${gate}`)
    this.#kustomize = await this.#start('kustomize-controller', [...options, ...impatient])
  }

  #folder(name: string): string {
    const folder = path.join(this.#machine.folder, name)
    mkdirSync(folder, { recursive: true })
    return folder
  }

  async #start(name: string, args: readonly string[]): Promise<Program> {
    const program = this.#machine.start({
      name,
      command: this.#machine.peer(name),
      args: [
        ...args,
        ...['--metrics-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0', '--log-encoding=console'],
        `--events-addr=${this.#eventsAddress}`
      ],
      env: {
        PATH: process.env.PATH,
        HOME: this.#folder(`${name}-home`),
        TMPDIR: this.#folder(`${name}-tmp`),
        KUBECONFIG: this.#machine.controlPlane.kubeconfig
      }
    })
    await program.line(/(Starting workers)/)
    return program
  }
}
