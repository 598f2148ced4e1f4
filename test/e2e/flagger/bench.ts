import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from '../rig/api-client.ts'
import { installForeign } from '../rig/crds.ts'
import { eventually } from '../rig/eventually.ts'
import { freePort } from '../rig/free-port.ts'
import type { Machine } from '../rig/machine.ts'
import { makeNamespace } from '../rig/namespace.ts'
import type { Program } from '../rig/program.ts'
import { canary, deployment, image } from './canary.ts'
import type { RolloutSpec } from './canary.ts'
import { Traffic } from './traffic.ts'
import type { Load } from './traffic.ts'

const pollMs = 250
const rolloutTimeoutMs = 420_000

/** Flagger, the analysis service and the Canaries of one namespace. */
export class Bench {
  readonly machine: Machine
  readonly namespace: string
  readonly traffic: Traffic
  readonly flaggerPort: number
  readonly #flagger: Program
  readonly #port: number
  #analysis: Program
  /** The messages of every event seen, by the Canary. */
  readonly #messages = new Map<string, Set<string>>()
  /** Weights of the canary's backend, by the Canary, in the order seen. */
  readonly #weights = new Map<string, number[]>()
  #isOver = false

  private constructor(
    machine: Machine,
    namespace: string,
    ports: { readonly analysis: number; readonly flagger: number }
  ) {
    this.machine = machine
    this.namespace = namespace
    this.#port = ports.analysis
    this.flaggerPort = ports.flagger
    this.#analysis = this.#startAnalysis()
    this.#flagger = machine.start({
      name: 'flagger',
      command: machine.peer('flagger'),
      args: [
        ...['-kubeconfig', machine.controlPlane.kubeconfig],
        '-mesh-provider=kubernetes',
        `-port=${ports.flagger}`,
        `-namespace=${namespace}`,
        `-metrics-server=${this.url}`,
        '-control-loop-interval=2s'
      ]
    })
    this.traffic = new Traffic(this.url, 20_261_126)
  }

  static async create(machine: Machine, namespace: string): Promise<Bench> {
    await installForeign(machine.controlPlane, ['flagger', 'HTTPRoute'])
    await makeNamespace(machine, namespace)
    const ports = { analysis: await freePort(), flagger: await freePort() }
    const bench = new Bench(machine, namespace, ports)
    await bench.#analysis.line(/^listening on (\S+)$/m)
    await bench.#flagger.line(/("Starting operator")/)
    const watching = bench.#watch()
    machine.atEnd(async () => {
      bench.#isOver = true
      await bench.traffic.stop()
      await watching
    })
    return bench
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get client() {
    return this.machine.controlPlane.client
  }

  /** kill -9, and a start on the same state. */
  async killAnalysis(): Promise<void> {
    await this.#analysis.stop('SIGKILL')
    this.#analysis = this.#startAnalysis()
    await this.#analysis.line(/^listening on (\S+)$/m)
  }

  /** Creates Deployment and Canary, and waits until Flagger has created the primary. */
  async initialise(rollout: RolloutSpec, analysisUrl = this.url): Promise<void> {
    const { name } = rollout
    const at = `/apis/apps/v1/namespaces/${this.namespace}/deployments/${name}`
    const object = deployment(this.namespace, name, 'v1')
    expectSuccess(await this.client.apply(at, object), `Deployment ${name}`)
    const made = canary(this.namespace, rollout, analysisUrl)
    expectSuccess(await this.client.apply(this.#canary(name), made), `Canary ${name}`)
    await this.phase(name, 'Initialized')
  }

  /** Takes effect until the next call. */
  send(name: string, load: Load): void {
    this.traffic.set(`${this.namespace}/${name}`, load)
  }

  async skipAnalysis(name: string, isSkipped: boolean): Promise<void> {
    const change = { spec: { skipAnalysis: isSkipped } }
    expectSuccess(await this.client.patch(this.#canary(name), change), `Canary ${name}`)
  }

  /** Another image for the canary's Deployment. */
  async deploy(name: string, version: string): Promise<void> {
    const containers = [{ name: 'server', image: image(version) }]
    const change = { spec: { template: { spec: { containers } } } }
    const at = `/apis/apps/v1/namespaces/${this.namespace}/deployments/${name}`
    const type = 'application/strategic-merge-patch+json'
    expectSuccess(await this.client.patch(at, change, type), `image of ${name}`)
  }

  /** Waits for a phase of the Canary; its status then. */
  phase(name: string, ...wanted: readonly string[]): Promise<JsonObject> {
    return eventually(
      async () => {
        const status = await this.status(name)
        return wanted.includes(stringMember(status, 'phase') ?? '') ? status : undefined
      },
      {
        what: `Canary ${name} is ${wanted.join(' or ')}`,
        timeoutMs: rolloutTimeoutMs,
        everyMs: pollMs
      }
    )
  }

  async status(name: string): Promise<JsonObject> {
    return (member(await this.client.read(this.#canary(name)), 'status') ?? {}) as JsonObject
  }

  /** The image that serves what users ask. */
  async primaryImage(name: string): Promise<string> {
    const at = `/apis/apps/v1/namespaces/${this.namespace}/deployments/${name}-primary`
    const text = JSON.stringify(await this.client.read(at))
    return /"image":"([^"]*)"/.exec(text)?.[1] ?? ''
  }

  /** The messages of Flagger's events about a Canary, in the order in which they were seen. */
  messages(name: string): readonly string[] {
    return [...(this.#messages.get(name) ?? [])]
  }

  /** Waits for a message; all messages as one text. */
  async untilMessage(name: string, wanted: RegExp): Promise<string> {
    const isSeen = () => this.messages(name).some(message => wanted.test(message))
    await eventually(
      () => {
        if (isSeen()) return true
        throw new Error(this.messages(name).join('\n'))
      },
      { what: `${String(wanted)} is among the messages` }
    )
    return this.messages(name).join('\n')
  }

  /** A value of Flagger's own metrics. */
  async flaggerMetric(series: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.flaggerPort}/metrics`)
    const line = (await response.text()).split('\n').find(text => text.startsWith(`${series} `))
    return Number(line?.slice(series.length + 1))
  }

  weights(name: string): readonly number[] {
    return this.#weights.get(name) ?? []
  }

  async verdict(name: string): Promise<JsonObject> {
    const query = new URLSearchParams({ namespace: this.namespace, name })
    return (await (await fetch(`${this.url}/v1/verdict?${query.toString()}`)).json()) as JsonObject
  }

  #canary(name: string): string {
    return `/apis/flagger.app/v1beta1/namespaces/${this.namespace}/canaries/${name}`
  }

  #startAnalysis(): Program {
    const state = path.join(this.machine.folder, 'analysis.sqlite')
    return this.machine.startOurs('analysis', [
      ...['serve', 'analysis', '--listen', `127.0.0.1:${this.#port}`],
      ...['--state', state, '--grace-seconds', '0']
    ])
  }

  /** Events are few and are overwritten when they are many; so they are read as they come. */
  async #watch(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#readEvents()
        await this.#readWeights()
      } catch {
        // The API server may be busy; the next poll finds what this one missed.
      }
      await sleep(pollMs)
    }
  }

  async #readEvents(): Promise<void> {
    for (const event of await this.client.list(`/api/v1/namespaces/${this.namespace}/events`)) {
      const name = stringMember(event.involvedObject, 'name') ?? ''
      const text = (stringMember(event, 'message') ?? '').replace(/^\(combined from .*?\): /, '')
      const known = this.#messages.get(name) ?? new Set()
      this.#messages.set(name, known.add(text))
    }
  }

  async #readWeights(): Promise<void> {
    const routes = `/apis/gateway.networking.k8s.io/v1/namespaces/${this.namespace}/httproutes`
    for (const route of await this.client.list(routes)) {
      const name = stringMember(route.metadata, 'name') ?? ''
      const backends = /"name":"([^"]*)-canary","port":\d+,"weight":(\d+)/.exec(
        JSON.stringify(route.spec)
      )
      const weight = Number(backends?.[2] ?? 0)
      const known = this.#weights.get(name) ?? []
      if (known.at(-1) !== weight) known.push(weight)
      this.#weights.set(name, known)
    }
  }
}
