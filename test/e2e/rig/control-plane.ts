import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import { Agent } from 'node:https'
import path from 'node:path'
import { issueAuthority, issueLeaf } from '../../../service/certificates/issue.ts'
import type { JsonObject } from '../../../common/json.ts'
import { ApiClient } from './api-client.ts'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import type { Keep } from './keep.ts'
import { keepPodsRunning } from './pod-keeper.ts'
import { Program } from './program.ts'

const hourMs = 3_600_000
const token = 'e2e-admin-token'

/** Audits every request that our admission webhook could have been called for. */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'None', users: ['system:apiserver'] },
    { level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete'] },
    { level: 'None' }
  ]
}

/** etcd, an API server and the controllers of Kubernetes on loopback: a cluster without nodes. */
export class ControlPlane {
  readonly url: string
  readonly kubeconfig: string
  readonly authorityPem: string
  readonly #folder: string
  readonly #peers: string
  readonly #keep: Keep
  readonly #ports: { readonly etcd: number; readonly peer: number; readonly api: number }
  readonly #agent: Agent
  readonly #programs = new Map<string, Program>()
  #stopPods: (() => Promise<void>) | undefined

  private constructor(options: {
    readonly folder: string
    readonly peers: string
    readonly keep: Keep
    readonly ports: { readonly etcd: number; readonly peer: number; readonly api: number }
    readonly authorityPem: string
  }) {
    this.#folder = options.folder
    this.#peers = options.peers
    this.#keep = options.keep
    this.#ports = options.ports
    this.authorityPem = options.authorityPem
    this.url = `https://127.0.0.1:${options.ports.api}`
    this.kubeconfig = path.join(options.folder, 'kubeconfig.json')
    this.#agent = new Agent({ keepAlive: true, ca: options.authorityPem })
  }

  /** Starts etcd and the API server; `folder` holds their data and logs. */
  static async start(folder: string, peers: string, keep: Keep): Promise<ControlPlane> {
    mkdirSync(folder, { recursive: true })
    const validity = { notBeforeMs: Date.now() - hourMs, notAfterMs: Date.now() + 24 * hourMs }
    const authority = await issueAuthority('e2e control plane', validity)
    const names = ['127.0.0.1', 'localhost', 'kubernetes.default.svc']
    const leaf = await issueLeaf(authority, names, validity)
    const ports = { etcd: await freePort(), peer: await freePort(), api: await freePort() }
    const write = (name: string, text: string) => {
      writeFileSync(path.join(folder, name), text, { mode: 0o600 })
    }
    write('server.crt', leaf.certificatePem)
    write('server.key', leaf.keyPem)
    write('ca.crt', authority.certificatePem)
    const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 })
    write('accounts.key', accounts.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString())
    write('tokens.csv', `${token},admin,1,"system:masters"\n`)
    write('audit-policy.json', JSON.stringify(auditPolicy))
    const plane = new ControlPlane({
      ...{ folder, peers, keep, ports },
      authorityPem: authority.certificatePem
    })
    write('kubeconfig.json', JSON.stringify(plane.kubeconfigFor(token)))
    try {
      plane.#startEtcd()
      await plane.#startApiServer()
    } catch (error) {
      await plane.stop()
      throw error
    }
    return plane
  }

  /** The administrator's token. */
  get token(): string {
    return token
  }

  /** A client with the administrator's token. */
  get client(): ApiClient {
    return this.clientFor(token)
  }

  clientFor(bearer: string): ApiClient {
    return new ApiClient({ url: this.url, token: bearer, agent: this.#agent })
  }

  kubeconfigFor(bearer: string): JsonObject {
    const cluster = {
      server: this.url,
      'certificate-authority-data': Buffer.from(this.authorityPem).toString('base64')
    }
    return {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'e2e', cluster }],
      users: [{ name: 'e2e', user: { token: bearer } }],
      contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
      'current-context': 'e2e'
    }
  }

  /** Starts kube-controller-manager and a loop that marks pods as running. */
  async startControllers(): Promise<void> {
    if (this.#programs.has('kube-controller-manager')) return
    const file = (name: string) => path.join(this.#folder, name)
    this.#start('kube-controller-manager', [
      `--kubeconfig=${this.kubeconfig}`,
      `--authentication-kubeconfig=${this.kubeconfig}`,
      `--authorization-kubeconfig=${this.kubeconfig}`,
      `--service-account-private-key-file=${file('accounts.key')}`,
      `--root-ca-file=${file('ca.crt')}`,
      '--use-service-account-credentials=true',
      '--bind-address=127.0.0.1',
      '--secure-port=0',
      '--leader-elect=false'
    ])
    this.#stopPods = keepPodsRunning(this.client)
    await eventually(
      async () =>
        (await this.client.get('/api/v1/namespaces/default/serviceaccounts/default')).status ===
          200 || undefined,
      { what: 'the controllers create service accounts' }
    )
  }

  /** Restarts the API server with the same data at the same address. */
  async restartApiServer(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.#programs.get('kube-apiserver')?.stop(signal)
    await this.#startApiServer()
  }

  /** The events of the audit log so far. */
  auditEvents(): readonly JsonObject[] {
    const file = path.join(this.#folder, 'audit.log')
    if (!existsSync(file)) return []
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    return lines.map(line => JSON.parse(line) as JsonObject)
  }

  async stop(): Promise<void> {
    await this.#stopPods?.()
    this.#agent.destroy()
    for (const program of [...this.#programs.values()].reverse()) await program.stop()
  }

  #startEtcd(): void {
    const { etcd, peer } = this.#ports
    this.#start('etcd', [
      `--data-dir=${path.join(this.#folder, 'etcd')}`,
      `--listen-client-urls=http://127.0.0.1:${etcd}`,
      `--advertise-client-urls=http://127.0.0.1:${etcd}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      '--unsafe-no-fsync',
      '--log-level=warn'
    ])
  }

  async #startApiServer(): Promise<void> {
    const file = (name: string) => path.join(this.#folder, name)
    const server = this.#start('kube-apiserver', [
      `--etcd-servers=http://127.0.0.1:${this.#ports.etcd}`,
      '--bind-address=127.0.0.1',
      '--advertise-address=127.0.0.1',
      `--secure-port=${this.#ports.api}`,
      `--tls-cert-file=${file('server.crt')}`,
      `--tls-private-key-file=${file('server.key')}`,
      `--service-account-key-file=${file('accounts.key')}`,
      `--service-account-signing-key-file=${file('accounts.key')}`,
      `--service-account-issuer=${this.url}`,
      `--token-auth-file=${file('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--allow-privileged=true',
      '--endpoint-reconciler-type=none',
      '--profiling=false',
      `--audit-policy-file=${file('audit-policy.json')}`,
      `--audit-log-path=${file('audit.log')}`
    ])
    await server.ready(async () => {
      try {
        return (await this.client.get('/readyz')).status === 200
      } catch {
        return false
      }
    }, 120_000)
  }

  #start(name: string, args: readonly string[]): Program {
    const logFile = path.join(this.#folder, `${name}.log`)
    const command = path.join(this.#peers, name)
    const program = new Program({ name, command, args, logFile }, this.#keep)
    this.#programs.set(name, program)
    return program
  }
}
