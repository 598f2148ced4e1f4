import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Test } from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { configMaps, modelReleases, sources } from '../../../plugin/flux/resources.ts'
import { serveFlux } from '../../../plugin/flux/serve.ts'
import type { RunningFlux, ServeFluxOptions } from '../../../plugin/flux/serve.ts'
import { secrets } from '../../../service/certificates/secret-store.ts'
import { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { leases } from '../../../service/kubernetes/leader-election.ts'
import { createLogger } from '../../../service/log.ts'
import { createRegistry } from '../../../service/metrics/process-metrics.ts'
import { startFakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import type { FakeApiServer } from '../../service/kubernetes/fake-api-server.ts'
import { connectionTo, fastClock } from '../../service/kubernetes/served.ts'
import { ask, listen } from '../../service/loopback.ts'
import type { Reply } from '../../service/loopback.ts'
import { TestRepository } from '../repository.ts'

const events = { group: '', version: 'v1', plural: 'events', kind: 'Event' }
const resources = [modelReleases, ...Object.values(sources), configMaps, secrets, events, leases]

/** `status.artifact` of an ExternalArtifact. */
export interface PublishedArtifact {
  readonly url: string
  readonly path: string
  readonly digest: string
  readonly revision: string
  readonly size: number
  readonly metadata?: Readonly<Record<string, string>>
}

/** A fake API server with a GitRepository, its Git repository, and controllers. */
export class FluxCluster {
  readonly api: FakeApiServer
  readonly repository: TestRepository
  readonly work = mkdtempSync(path.join(tmpdir(), 'mlgitops-flux-'))
  readonly warnings: string[] = []
  /** Events that notification-controller received. */
  readonly received: JsonObject[] = []
  /** Paths of the downloads from source-controller. */
  readonly downloads: string[] = []
  readonly #files = new Map<string, Buffer>()
  /** Answers that do not end, by their paths. */
  readonly #slow = new Map<string, http.ServerResponse | undefined>()
  readonly #server: http.Server
  readonly #t: Test

  static async start(t: Test, files: Readonly<Record<string, string>>): Promise<FluxCluster> {
    const api = await startFakeApiServer(t, {
      resources: resources.map(resource => ({ ...resource, isNamespaced: true }))
    })
    const cluster = new FluxCluster(t, api, new TestRepository(files))
    cluster.#server.listen(0, '127.0.0.1')
    await once(cluster.#server, 'listening')
    cluster.publish()
    return cluster
  }

  private constructor(t: Test, api: FakeApiServer, repository: TestRepository) {
    this.#t = t
    this.api = api
    this.repository = repository
    this.#server = http.createServer((request, response) => {
      void this.#answer(request, response)
    })
    t.teardown(() => {
      this.#server.closeAllConnections()
      this.#server.close()
      repository.remove()
      rmSync(this.work, { recursive: true, force: true })
    })
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    if (request.method === 'POST') {
      let text = ''
      for await (const chunk of request) text += String(chunk)
      this.received.push(JSON.parse(text) as JsonObject)
      response.end()
      return
    }
    this.downloads.push(request.url ?? '')
    if (this.#slow.has(request.url ?? '')) {
      this.#slow.set(request.url ?? '', response)
      response.write('something')
      return
    }
    const bytes = this.#files.get(request.url ?? '')
    if (bytes === undefined) response.writeHead(404).end()
    else response.end(bytes)
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Publishes HEAD as source-controller does. @returns the commit */
  publish(more: JsonObject = {}): string {
    const commit = this.repository.git('rev-parse', 'HEAD')
    const bytes = this.archive()
    this.#files.set(`/${commit}.tar.gz`, bytes)
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
    const revision = `main@sha1:${commit}`
    const artifact = { url: `${this.url}/${commit}.tar.gz`, digest, revision, ...more }
    this.api.put('gitrepositories', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'repo', namespace: 'ml' },
      spec: { url: 'https://git.example.com/x.git', ref: { branch: 'main' } },
      status: { artifact }
    })
    return commit
  }

  /** The archive of HEAD. */
  archive(): Buffer {
    const { folder: cwd } = this.repository
    return execFileSync('git', ['archive', '--format=tar.gz', 'HEAD'], { cwd })
  }

  /** Creates a Bucket with an archive. */
  serve(name: string, bytes: Buffer): void {
    this.#files.set(`/${name}.tar.gz`, bytes)
    this.#bucket(name, createHash('sha256').update(bytes).digest('hex'))
  }

  /** Creates a Bucket whose download does not end. */
  serveSlowly(name: string): void {
    this.#slow.set(`/${name}.tar.gz`, undefined)
    this.#bucket(name, name.slice(-1).repeat(64))
  }

  /** Ends the download of {@link serveSlowly}. */
  endSlowly(name: string): void {
    this.#slow.get(`/${name}.tar.gz`)?.end()
  }

  #bucket(name: string, digest: string): void {
    this.api.put('buckets', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'Bucket',
      metadata: { name, namespace: 'ml' },
      spec: {},
      status: {
        artifact: {
          url: `${this.url}/${name}.tar.gz`,
          digest: `sha256:${digest}`,
          revision: `latest@sha256:${digest}`
        }
      }
    })
  }

  /** Commits files and publishes them. */
  push(files: Readonly<Record<string, string>>): string {
    this.repository.write(files)
    this.repository.commit()
    return this.publish()
  }

  /** Writes a ModelRelease as a user does; its status stays. */
  release(spec: JsonObject = {}, metadata: JsonObject = {}, name = 'iris'): void {
    const namespace = typeof metadata.namespace === 'string' ? metadata.namespace : 'ml'
    const last = this.api.get('modelreleases', name, namespace) ?? {}
    this.api.put('modelreleases', {
      ...last,
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'ModelRelease',
      metadata: {
        ...(last.metadata as JsonObject | undefined),
        name,
        namespace: 'ml',
        ...metadata
      },
      spec: { sourceRef: { kind: 'GitRepository', name: 'repo' }, path: 'app', ...spec }
    })
  }

  async controller(
    choices: Partial<ServeFluxOptions['choices']> = {},
    more: Partial<ServeFluxOptions> = {}
  ): Promise<RunningFlux> {
    const flux = await serveFlux({
      choices: {
        baseUrl: 'http://mlgitops.flux-system.svc.cluster.local.',
        namespaces: ['ml'],
        configSelector: undefined,
        allowsCrossNamespace: false,
        isSignatureRequired: false,
        concurrency: 4,
        eventsAddress: this.url,
        lease: undefined,
        ...choices
      },
      listen,
      metricsListen: listen,
      storage: path.join(this.work, 'storage'),
      signing: undefined,
      client: new ApiClient(connectionTo(this.api), 'mlgitops/test'),
      registry: createRegistry('0.0.0'),
      logger: createLogger({
        level: 'warn',
        write: line => {
          const { message, reason } = JSON.parse(line) as Record<string, string>
          this.warnings.push(`${message}: ${reason}`)
        },
        now: () => 0
      }),
      clock: fastClock,
      now: () => new Date('2026-11-26T09:00:00Z'),
      identity: 'pod-1',
      version: '0.0.0',
      lost: () => undefined,
      ...more
    })
    let isStopped = false
    const stop = async () => {
      if (isStopped) return
      isStopped = true
      await flux.stop()
      await Promise.all([flux.server.close(0), flux.metricsServer.close(0)])
    }
    this.#t.teardown(stop)
    return { ...flux, stop }
  }

  /** The condition Ready of a release as `status reason: message`; empty while it is rendered. */
  ready(name = 'iris', namespace = 'ml'): string {
    const ready = this.condition('Ready', name, namespace)
    return ready.startsWith('Unknown Progressing') ? '' : ready
  }

  /** The status of a release in the API server. */
  status(name = 'iris', namespace = 'ml'): JsonObject {
    const object = this.api.get('modelreleases', name, namespace)
    return (object?.status ?? {}) as JsonObject
  }

  condition(type: string, name = 'iris', namespace = 'ml'): string {
    const conditions = (this.status(name, namespace).conditions ?? []) as readonly Record<
      string,
      string
    >[]
    const found = conditions.find(condition => condition.type === type)
    return found === undefined ? '' : `${found.status} ${found.reason}: ${found.message}`
  }

  artifact(name = 'iris', namespace = 'ml'): PublishedArtifact | undefined {
    const object = this.api.get('externalartifacts', name, namespace)
    const status = object?.status as JsonObject | undefined
    return status?.artifact as unknown as PublishedArtifact | undefined
  }

  /** Downloads the file of an ExternalArtifact from a controller. */
  get(flux: RunningFlux, name = 'iris'): Promise<Reply> {
    return ask(flux.server, { path: `/${this.artifact(name)?.path}` })
  }
}

export { eventually as until } from '../../eventually.ts'
