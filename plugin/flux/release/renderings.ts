import { createHash } from 'node:crypto'
import { isFault } from '../../../common/fault.ts'
import { member, stringifyJson } from '../../../common/json.ts'
import type { Signing } from '../../../evidence/attestation/signing.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { artifactFile } from '../artifact/artifact-store.ts'
import type { ArtifactStore } from '../artifact/artifact-store.ts'
import type { Artifact } from '../artifact/artifact.ts'
import { ownerOf, readPublished } from '../artifact/external-artifact.ts'
import type { Published } from '../artifact/external-artifact.ts'
import { commitOf, originOf, readSourceArtifact } from '../source/source-artifact.ts'
import type { SourceArtifact, SourceOrigin } from '../source/source-artifact.ts'
import type { SourceCache } from '../source/source-cache.ts'
import type { ModelRelease, SourceRef } from './model-release.ts'
import { failed, ready, reasonOf, revisionsOf, withoutRevision } from './rendering.ts'
import type { Rendering, LastGood } from './rendering.ts'
import type { ReleaseState } from './release-state.ts'
import { readReleaseInputs } from './release-inputs.ts'
import type { ReleaseInputs } from './release-inputs.ts'
import { RenderBackoff } from './render-backoff.ts'
import type { RenderArtifact } from './render-backoff.ts'
import { requestOf } from './reporter.ts'

/** Options of {@link Renderings}. */
export interface RenderingsOptions {
  readonly client: ApiClient
  readonly store: ArtifactStore
  readonly cache: SourceCache
  readonly render: RenderArtifact
  readonly findSource: (ref: SourceRef) => ApiObject | undefined
  readonly findArtifact: (namespace: string, name: string) => ApiObject | undefined
  /** How a release without a key of its own is signed; undefined: not at all. */
  readonly signing: Signing | undefined
  /** Whether a release with an object that has to be attested, and is not, fails. */
  readonly isSignatureRequired: boolean
  /** Whether a release may refer to a source in another namespace. */
  readonly allowsCrossNamespace: boolean
  /** Version of mlgitops: another version may render differently. */
  readonly version: string
  /** Milliseconds of a monotonic clock. */
  readonly nowMs: () => number
  /** Called before a release is rendered from a revision of its source. */
  readonly beforeRender: (object: ApiObject, revision: string) => Promise<void>
}

/** A source that takes longer is waited for without a worker, so that it delays no other release. */
const patienceMs = 1_000

/** Renders releases whose inputs have changed. */
export class Renderings {
  readonly #options: RenderingsOptions
  readonly #backoff: RenderBackoff

  constructor(options: RenderingsOptions) {
    this.#options = options
    this.#backoff = new RenderBackoff(options.render, options.nowMs)
  }

  /** Number of renders, for metrics. */
  get renders(): number {
    return this.#backoff.count
  }

  /**
   * Renders a release, unless `last` has the same inputs.
   *
   * @param last the last good render of this process
   * @throws {Fault} `KUBERNETES_*`; every other fault is in the rendering
   */
  async render(
    object: ApiObject,
    release: ModelRelease,
    last: LastGood | undefined
  ): Promise<Rendering> {
    const refusal = this.#refusal(object, release)
    if (refusal !== undefined) return withoutRevision(refusal)
    const found = this.#findSource(release)
    if ('state' in found) return found
    try {
      return await this.#renderSource(object, release, { ...found, last })
    } catch (error) {
      if (!isFault(error)) throw error
      return {
        ...failed(error, this.#options.cache.isRefused(found.artifact)),
        ...revisionsOf(found)
      }
    }
  }

  /**
   * Builds a lost file of a suspended release again, if its source still gives the same bytes. Changes
   * nothing else, and ignores faults of the render.
   *
   * @returns undefined when done, else `settled`: the download has ended and this can be called again
   * @throws {Fault} `KUBERNETES_*`
   */
  async restore(
    object: ApiObject,
    release: ModelRelease
  ): Promise<{ readonly settled: Promise<void> } | undefined> {
    const { client, store, cache } = this.#options
    const published = this.#published(object, release)
    const found = this.#findSource(release)
    if (published === undefined || store.has(published.digest) || 'state' in found) return
    const late = await cache.fetch(found.artifact, patienceMs)
    if (late !== undefined) return late
    try {
      const inputs = await readReleaseInputs(client, object.namespace, release)
      await this.#rebuild(object, release, { ...found, inputs, last: undefined }, published)
    } catch (error) {
      if (!isFault(error) || error.code.startsWith('KUBERNETES_')) throw error
    }
    return
  }

  /** Drops the state of a deleted release. */
  forget(uid: string): void {
    this.#backoff.forget(uid)
  }

  /** The stalled state of a release that may not be rendered. */
  #refusal({ namespace, uid }: ApiObject, release: ModelRelease): ReleaseState | undefined {
    const { sourceRef, artifactName } = release
    if (sourceRef.namespace !== namespace && !this.#options.allowsCrossNamespace) {
      const message = `the source is in namespace ${sourceRef.namespace}: sources in other namespaces are not allowed (--cross-namespace-sources)`
      return { kind: 'stalled', reason: 'AccessDenied', message }
    }
    const current = this.#options.findArtifact(namespace, artifactName)
    if (current === undefined || ownerOf(current) === uid) return undefined
    const message = `ExternalArtifact ${artifactName} already exists and is not owned by this ModelRelease: choose another spec.artifactName`
    return { kind: 'stalled', reason: 'ArtifactNotOurs', message }
  }

  /** The source of a release, or the failed rendering if it is not ready. */
  #findSource({ sourceRef }: ModelRelease): Source | Rendering {
    const { kind, namespace, name } = sourceRef
    const source = this.#options.findSource(sourceRef)
    const artifact = source === undefined ? undefined : readSourceArtifact(source.body)
    if (source === undefined || artifact === undefined) {
      const problem = source === undefined ? 'does not exist' : 'has no artifact yet'
      const message = `${kind} ${namespace}/${name} ${problem}`
      return withoutRevision({ kind: 'failed', reason: 'SourceNotReady', message })
    }
    const origin = originOf(source.body, artifact)
    if (origin !== undefined) return { artifact, origin }
    const message = `the revision ${JSON.stringify(artifact.revision.slice(0, 80))} of ${kind} ${name} does not name a commit`
    const { revision } = artifact
    return { ...withoutRevision({ kind: 'failed', reason: 'SourceNotReady', message }), revision }
  }

  async #renderSource(
    object: ApiObject,
    release: ModelRelease,
    source: Source & Pick<Found, 'last'>
  ): Promise<Rendering> {
    const { client, store, cache, beforeRender } = this.#options
    const { artifact, last } = source
    const { revision } = artifact
    const found = { ...source, inputs: await readReleaseInputs(client, object.namespace, release) }
    const isSame = last?.inputs === this.#fingerprint(object, found)
    if (isSame && store.read(artifactFile(last.published.digest)) !== undefined) {
      return { ...ready(last), ...revisionsOf(source) }
    }
    await beforeRender(object, revision)
    const late = await cache.fetch(artifact, patienceMs)
    if (late === undefined) {
      return {
        ...ready(await this.#renderUnpacked(object, release, found)),
        ...revisionsOf(source)
      }
    }
    const state: ReleaseState = { kind: 'progressing', message: `rendering ${revision}` }
    return { ...withoutRevision(state), ...revisionsOf(source), downloaded: late.settled }
  }

  async #renderUnpacked(object: ApiObject, release: ModelRelease, found: Found): Promise<LastGood> {
    const { store } = this.#options
    const artifact = await this.#build(object, release, found)
    const { warnings } = artifact
    const inputs = this.#fingerprint(object, found)
    // The commit changed only stamps: the publication stays, with the commit at which it was rendered.
    const previous = found.last?.published ?? this.#published(object, release)
    if (previous?.revision === artifact.revision && previous.digest !== artifact.digest) {
      const isStored =
        store.has(previous.digest) || (await this.#rebuild(object, release, found, previous))
      if (isStored) return { inputs, published: previous, warnings }
    }
    store.put(artifact)
    const { digest, revision, bytes } = artifact
    const { origin } = found
    return { inputs, published: { digest, revision, sizeBytes: bytes.length, origin }, warnings }
  }

  /**
   * Builds the file of a publication again, with the commit at which it was rendered, because later
   * commits may have changed only stamps. The digest tells whether it is the same file.
   *
   * @returns whether the file is stored now
   */
  async #rebuild(
    object: ApiObject,
    release: ModelRelease,
    found: Found,
    { digest, origin }: Published
  ): Promise<boolean> {
    const commit = commitOf(origin.revision) ?? found.origin.commit
    try {
      const artifact = await this.#build(object, release, {
        ...found,
        origin: { ...found.origin, commit }
      })
      if (artifact.digest !== digest) return false
      this.#options.store.put(artifact)
      return true
    } catch (error) {
      if (!isFault(error) || reasonOf(error.code) !== 'RenderFailed') throw error
      return false
    }
  }

  #build(object: ApiObject, release: ModelRelease, found: Found): Promise<Artifact> {
    const { artifact, origin, inputs } = found
    const { valueFiles, key } = inputs
    const { isSignatureRequired } = this.#options
    const signing: Signing | undefined =
      key === undefined ? this.#options.signing : { kind: 'key', key }
    // A request (requestedAt) is rendered without back-off.
    const request = requestOf(object) ?? ''
    const fingerprint = `${this.#fingerprint(object, found)} ${origin.commit} ${request}`
    return this.#options.cache.use(artifact, folder => {
      const input = { folder, name: object.name, release, origin, valueFiles, signing }
      return this.#backoff.render(object.uid, fingerprint, { ...input, isSignatureRequired })
    })
  }

  /** The publication in the ExternalArtifact of a release. */
  #published({ namespace }: ApiObject, { artifactName }: ModelRelease): Published | undefined {
    const current = this.#options.findArtifact(namespace, artifactName)
    return readPublished(member(current?.body, 'status'))
  }

  #fingerprint({ generation, uid }: ApiObject, { artifact, origin, inputs }: Found): string {
    const { digest } = artifact
    const parts = [this.#options.version, uid, generation ?? 0, digest, inputs.version]
    const { revision, targetRevision, repository } = origin
    const from = { revision, targetRevision, url: repository?.cloneUrl ?? '' }
    return createHash('sha256')
      .update(stringifyJson([...parts, from]))
      .digest('hex')
  }
}

interface Source {
  readonly artifact: SourceArtifact
  readonly origin: SourceOrigin
}

interface Found extends Source {
  readonly inputs: ReleaseInputs
  readonly last: LastGood | undefined
}
