import path from 'node:path'
import type { Registry } from 'prom-client'
import { healthRoutes } from '../../service/health-routes.ts'
import type { ListenAddress } from '../../service/http/listen-address.ts'
import { startServer } from '../../service/http/server.ts'
import type { RunningServer } from '../../service/http/server.ts'
import { AccessCheck } from '../../service/kubernetes/access.ts'
import type { Signing } from '../../evidence/attestation/signing.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import type { Clock } from '../../service/kubernetes/clock.ts'
import { EventRecorder } from '../../service/kubernetes/event-recorder.ts'
import { observeInformers } from '../../service/kubernetes/informer-metrics.ts'
import { OwnWrites } from '../../service/kubernetes/own-writes.ts'
import { LeaderElection } from '../../service/kubernetes/leader-election.ts'
import { repeatCheck } from '../../service/kubernetes/repeat-check.ts'
import { WorkQueue } from '../../service/kubernetes/work-queue.ts'
import { errorFields } from '../../service/log.ts'
import type { Logger } from '../../service/log.ts'
import { httpObserver, observeLoad } from '../../service/metrics/http-metrics.ts'
import { metricsRoute } from '../../service/metrics/metrics-route.ts'
import { Readiness } from '../../service/readiness.ts'
import { observe } from './flux-metrics.ts'
import { artifactRoute } from './artifact/artifact-route.ts'
import { collectUnused } from './artifact/collect-unused.ts'
import { ArtifactStore } from './artifact/artifact-store.ts'
import { Publisher } from './artifact/publisher.ts'
import { neededAccess } from './needed-access.ts'
import { Reconciler } from './reconciler.ts'
import { ReleaseEvents } from './release/release-events.ts'
import { Renderings } from './release/renderings.ts'
import { RendererPool } from './renderer/renderer-pool.ts'
import { Publications } from './release/publication.ts'
import { Reporter } from './release/reporter.ts'
import type { ServeFluxChoices } from './serve-options.ts'
import { SourceCache } from './source/source-cache.ts'
import { Watched } from './watched.ts'

/** Options of the controller. */
export interface ServeFluxOptions {
  readonly choices: Pick<
    ServeFluxChoices,
    | 'baseUrl'
    | 'namespaces'
    | 'configSelector'
    | 'allowsCrossNamespace'
    | 'isSignatureRequired'
    | 'concurrency'
    | 'eventsAddress'
    | 'lease'
  >
  readonly listen: ListenAddress
  readonly metricsListen: ListenAddress
  /** Absolute. */
  readonly storage: string
  /** How a release without a key of its own is signed; undefined: not at all. */
  readonly signing: Signing | undefined
  readonly client: ApiClient
  readonly registry: Registry
  readonly logger: Logger
  readonly clock: Clock
  readonly now: () => Date
  /** Identity of this replica in the Lease. */
  readonly identity: string
  /** Version of mlgitops. */
  readonly version: string
  /** Called when leadership is lost; ends the process. */
  readonly lost: () => void
}

/** A running controller. */
export interface RunningFlux {
  readonly server: RunningServer
  readonly metricsServer: RunningServer
  readonly readiness: Readiness
  stop(): Promise<void>
}

/**
 * Starts the controller for ModelReleases.
 *
 * @throws {Fault} as {@link startServer}
 */
export async function serveFlux(options: ServeFluxOptions): Promise<RunningFlux> {
  const { client, registry, logger, clock, choices } = options
  const { namespaces, configSelector } = choices
  const watched = new Watched({ client, namespaces, configSelector, clock, logger })
  const enqueue = (key: string) => {
    queue.add(key)
  }
  const { store, cache, renderers, renderings, events, reconciler } = createParts(
    options,
    watched,
    enqueue
  )
  const queue: WorkQueue = new WorkQueue({
    concurrency: choices.concurrency,
    work: key => reconciler.reconcile(key),
    failed: (key, error) => {
      logger.warn('cannot reconcile the release', { release: key, ...errorFields(error) })
    },
    clock
  })
  watched.subscribe(enqueue)
  observeInformers(registry, watched.informers)
  const servers = await startServers(options, store, file => {
    const key = watched.publisherOf(`sha256:${file.replace(/\.tar\.gz$/, '')}`)
    if (key !== undefined) queue.add(key)
  })
  observe(registry, { queue, renderings, cache, watched, readiness: servers.readiness })
  const access = new AccessCheck(client, neededAccess(choices))
  servers.readiness.add('permissions', () => access.notReadyReason())
  servers.readiness.add('objects', () => watched.notReadyReason())
  const stopChecking = repeatCheck(access, clock)
  const stopLeading = lead(options, servers.readiness, async signal => {
    watched.start()
    while (!watched.isSynced && !signal.aborted) await clock.sleep(100, signal)
    if (!signal.aborted) queue.start()
  })
  const stopCollecting = collectUnused(store, { clock, logger }, () => {
    if (!watched.isSynced || !queue.isIdle) return undefined
    return [...watched.publishedDigests, ...reconciler.goodDigests]
  })
  return {
    ...servers,
    stop: async () => {
      stopCollecting()
      stopChecking()
      renderers.close()
      await queue.stop()
      await watched.stop()
      await events.stop()
      await cache.close()
      await stopLeading()
    }
  }
}

function createParts(options: ServeFluxOptions, watched: Watched, enqueue: (key: string) => void) {
  const { choices, client, logger, clock, now, storage, identity, version, signing } = options
  const store = new ArtifactStore(path.join(storage, 'artifacts'), () => clock.nowMs())
  const cache = new SourceCache(path.join(storage, 'sources'))
  const renderers = new RendererPool(path.join(storage, 'renderers'))
  const findArtifact = (namespace: string, name: string) =>
    watched.findSource({ kind: 'ExternalArtifact', namespace, name })
  const { baseUrl, eventsAddress: address } = choices
  const [component, instance] = ['mlgitops', identity]
  const events = new EventRecorder({ client, component, instance, address, now, clock, logger })
  const isStored = (digest: string) => store.has(digest)
  const ownWrites = new OwnWrites()
  const releaseEvents = new ReleaseEvents(events, findArtifact)
  const reporter = new Reporter({ client, events: releaseEvents, ownWrites, isStored, now })
  const renderings = new Renderings({
    ...{ client, store, cache, findArtifact, version, signing },
    render: input => renderers.render(input),
    findSource: ref => watched.findSource(ref),
    allowsCrossNamespace: choices.allowsCrossNamespace,
    isSignatureRequired: choices.isSignatureRequired,
    nowMs: clock.nowMs,
    beforeRender: (object, revision) => reporter.progress(object, revision)
  })
  const publisher = new Publisher({ client, findArtifact, baseUrl, now })
  const publications = new Publications(publisher, releaseEvents)
  const find = (namespace: string, name: string) => watched.findRelease(namespace, name)
  const reconciler = new Reconciler({
    ...{
      client,
      renderings,
      publications,
      reporter,
      ownWrites,
      find,
      enqueue,
      random: clock.random
    }
  })
  return { store, cache, renderers, renderings, events, reconciler }
}

/** Runs `work` when this replica leads; at once without a Lease. @returns a function that releases the Lease */
function lead(
  { choices: { lease }, client, clock, now, logger, identity, lost }: ServeFluxOptions,
  readiness: Readiness,
  work: (signal: AbortSignal) => Promise<void>
): () => Promise<void> {
  const end = new AbortController()
  if (lease === undefined) {
    void work(end.signal)
    return () => {
      end.abort()
      return Promise.resolve()
    }
  }
  const election = new LeaderElection({ client, lease, identity, clock, now, logger })
  readiness.add('leader', () => election.notReadyReason())
  election.start(() => void work(end.signal), lost)
  return async () => {
    end.abort()
    await election.stop()
  }
}

async function startServers(
  { listen, metricsListen, registry, logger }: ServeFluxOptions,
  store: ArtifactStore,
  missed: (file: string) => void
) {
  const readiness = new Readiness()
  const health = healthRoutes(readiness)
  const observer = httpObserver(registry, logger)
  const routes = [artifactRoute(store, missed), ...health]
  const server = await startServer({ listen, observer, routes })
  observeLoad(registry, server.load)
  try {
    const metricsServer = await startServer({
      ...{ listen: metricsListen, observer, routes: [metricsRoute(registry), ...health] }
    })
    return { server, metricsServer, readiness }
  } catch (error) {
    await server.close(0)
    throw error
  }
}
