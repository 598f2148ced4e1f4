import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonObject } from '../../common/json.ts'
import { member, stringMember } from '../../common/json.ts'
import { readPublished } from '../../plugin/flux/artifact/external-artifact.ts'
import { externalArtifacts, modelReleases } from '../../plugin/flux/resources.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { systemClock } from '../../service/kubernetes/clock.ts'
import { Informer } from '../../service/kubernetes/informer.ts'
import { createLogger } from '../../service/log.ts'

const namespace = 'ml'
const writesAtATime = 16
const fieldManager = 'bench'

/** ModelReleases, their repositories and publications, in a real API server. */
export class Releases {
  readonly #client: ApiClient
  readonly #releases: Informer
  readonly #artifacts: Informer

  constructor(client: ApiClient) {
    this.#client = client
    const logger = createLogger({ level: 'error', write: () => undefined, now: () => 0 })
    const follow = (resource: typeof modelReleases) =>
      new Informer({ client, resource, clock: systemClock, logger })
    this.#releases = follow(modelReleases)
    this.#artifacts = follow(externalArtifacts)
  }

  start(): void {
    for (const informer of [this.#releases, this.#artifacts]) informer.start()
  }

  async stop(): Promise<void> {
    await Promise.all([this.#releases, this.#artifacts].map(informer => informer.stop()))
  }

  /** A source of Flux as source-controller leaves it. */
  async writeSource(resource: Resource, name: string, artifact: JsonObject): Promise<void> {
    const place = { namespace, name }
    const options = { fieldManager, isForced: true }
    const isGit = resource.kind === 'GitRepository'
    const spec = isGit
      ? { url: `https://git.example.com/${name}.git`, interval: '1m' }
      : { bucketName: name, endpoint: 'bucket.example.com', interval: '1m' }
    await this.#client.apply(resource, place, { metadata: place, spec }, options)
    const status = { metadata: place, status: { artifact } }
    await this.#client.apply(resource, { ...place, subresource: 'status' }, status, options)
  }

  /** Releases of the example's churn model; each has its own model name. */
  async write(names: readonly string[], sourceOf: (name: string) => JsonObject): Promise<void> {
    const left = [...names]
    const writer = async () => {
      for (let name = left.pop(); name !== undefined; name = left.pop()) {
        const spec = {
          sourceRef: sourceOf(name),
          path: 'models/churn-prediction',
          environment: 'staging',
          interval: '1m',
          values: { model: { name } }
        }
        const release = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'ModelRelease' }
        const object = { ...release, metadata: { namespace, name }, spec }
        await this.#client.apply(modelReleases, { namespace, name }, object, {
          fieldManager: 'bench'
        })
      }
    }
    await Promise.all(Array.from({ length: writesAtATime }, writer))
  }

  /** Waits until this many are Ready. */
  async ready(count: number): Promise<void> {
    await until(() => this.#releases.list().filter(isReady).length === count)
  }

  /** Waits until this many artifacts come from a revision of their source. */
  async published(count: number, originRevision: string): Promise<void> {
    await until(() => {
      const all = this.#artifacts.list().map(({ body }) => readPublished(member(body, 'status')))
      return all.filter(each => each?.origin.revision === originRevision).length === count
    })
  }

  /** What the condition Ready of a release says, in one line. */
  readyOf(name: string): string {
    const ready = readyCondition(this.#releases.get(namespace, name))
    const [status, reason, message] = ['status', 'reason', 'message'].map(key =>
      stringMember(ready, key)
    )
    return `${status} ${reason}: ${message?.replaceAll(/\s+/g, ' ')}`
  }

  /** The artifact's address of each published release. */
  get urls(): readonly string[] {
    return this.#artifacts.list().map(({ body }) => {
      return stringMember(member(member(body, 'status'), 'artifact'), 'url') ?? ''
    })
  }
}

function isReady(object: ApiObject): boolean {
  return stringMember(readyCondition(object), 'status') === 'True'
}

function readyCondition(object: ApiObject | undefined): JsonObject | undefined {
  const conditions = member(member(object?.body, 'status'), 'conditions') ?? []
  return (conditions as readonly JsonObject[]).find(({ type }) => type === 'Ready')
}

/** @throws {Error} after five minutes */
async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 6_000; tries++) {
    if (condition()) return
    await sleep(50)
  }
  throw new Error('it did not come to pass')
}
