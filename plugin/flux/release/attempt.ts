import { createHash } from 'node:crypto'
import { isFault } from '../../../common/fault.ts'
import { member, stringifyJson } from '../../../common/json.ts'
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
import { failed, given, ready, reasonOf, revisionsOf } from './attempted.ts'
import type { Attempted, LastGood } from './attempted.ts'
import type { Outcome } from './outcome.ts'
import { readReleaseInputs } from './release-inputs.ts'
import type { ReleaseInputs } from './release-inputs.ts'
import { Renderings } from './renderings.ts'
import type { MakeArtifact } from './renderings.ts'
import { requestOf } from './reporter.ts'

/** What attempts work with. */
export interface AttemptOptions {
  readonly client: ApiClient
  readonly store: ArtifactStore
  readonly cache: SourceCache
  readonly make: MakeArtifact
  readonly findSource: (ref: SourceRef) => ApiObject | undefined
  readonly findArtifact: (namespace: string, name: string) => ApiObject | undefined
  /** Whether a release may name a source of another namespace. */
  readonly allowsCrossNamespace: boolean
  /** Of this program: another one may render otherwise. */
  readonly version: string
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number
  /** Told before a release is rendered from a revision of its source. */
  readonly begins: (object: ApiObject, revision: string) => Promise<void>
}

/** A source that takes longer is waited for without holding up other releases. */
const patienceMs = 1_000

/** Renders a release anew, if anything that goes into it has changed. */
export class Attempts {
  readonly #options: AttemptOptions
  readonly #renderings: Renderings

  constructor(options: AttemptOptions) {
    this.#options = options
    this.#renderings = new Renderings(options.make, options.nowMs)
  }

  /** How many times something was rendered, for metrics. */
  get renders(): number {
    return this.#renderings.count
  }

  /** It throws nothing but defects and faults of the API server. */
  async attempt(
    object: ApiObject,
    release: ModelRelease,
    last: LastGood | undefined
  ): Promise<Attempted> {
    const foreign = this.#refuse(object, release)
    if (foreign !== undefined) return given(foreign)
    const found = this.#find(release)
    if ('outcome' in found) return found
    try {
      return await this.#follow(object, release, { ...found, last })
    } catch (error) {
      if (!isFault(error)) throw error
      return {
        ...failed(error, this.#options.cache.isRefused(found.artifact)),
        ...revisionsOf(found)
      }
    }
  }

  /**
   * Makes the file of what is published again, where the source still gives the same bytes, and changes
   * nothing else: for a release that is suspended. What fails stays as it is.
   *
   * @returns what settles when it can go on
   * @throws {Fault} `KUBERNETES_*`
   */
  async restore(
    object: ApiObject,
    release: ModelRelease
  ): Promise<{ readonly settled: Promise<void> } | undefined> {
    const { client, store, cache } = this.#options
    const published = this.#published(object, release)
    const found = this.#find(release)
    if (published === undefined || store.has(published.digest) || 'outcome' in found) return
    const late = await cache.fetch(found.artifact, patienceMs)
    if (late !== undefined) return late
    try {
      const inputs = await readReleaseInputs(client, object.namespace, release)
      await this.#remake(object, release, { ...found, inputs, last: undefined }, published)
    } catch (error) {
      if (!isFault(error) || error.code.startsWith('KUBERNETES_')) throw error
    }
    return
  }

  /** A release is gone. */
  forget(uid: string): void {
    this.#renderings.forget(uid)
  }

  #refuse({ namespace, uid }: ApiObject, release: ModelRelease): Outcome | undefined {
    const { sourceRef, artifactName } = release
    if (sourceRef.namespace !== namespace && !this.#options.allowsCrossNamespace) {
      const message = `the source is in namespace ${sourceRef.namespace}: sources of other namespaces are not allowed here (--cross-namespace-sources)`
      return { kind: 'stalled', reason: 'AccessDenied', message }
    }
    const current = this.#options.findArtifact(namespace, artifactName)
    if (current === undefined || ownerOf(current) === uid) return undefined
    const message = `ExternalArtifact ${artifactName} is there already and belongs to somebody else: choose another spec.artifactName`
    return { kind: 'stalled', reason: 'ArtifactNotOurs', message }
  }

  /** The source of a release, or why there is none. */
  #find({ sourceRef }: ModelRelease): Source | Attempted {
    const { kind, namespace, name } = sourceRef
    const source = this.#options.findSource(sourceRef)
    const artifact = source === undefined ? undefined : readSourceArtifact(source.body)
    if (source === undefined || artifact === undefined) {
      const lack = source === undefined ? 'is not there' : 'has no artifact yet'
      const message = `${kind} ${namespace}/${name} ${lack}`
      return given({ kind: 'failed', reason: 'SourceNotReady', message })
    }
    const origin = originOf(source.body, artifact)
    if (origin !== undefined) return { artifact, origin }
    const message = `the revision ${JSON.stringify(artifact.revision.slice(0, 80))} of ${kind} ${name} names no commit`
    const { revision } = artifact
    return { ...given({ kind: 'failed', reason: 'SourceNotReady', message }), revision }
  }

  async #follow(
    object: ApiObject,
    release: ModelRelease,
    source: Source & Pick<Found, 'last'>
  ): Promise<Attempted> {
    const { client, store, cache, begins } = this.#options
    const { artifact, last } = source
    const { revision } = artifact
    const found = { ...source, inputs: await readReleaseInputs(client, object.namespace, release) }
    const isSame = last?.inputs === this.#fingerprint(object, found)
    if (isSame && store.read(artifactFile(last.published.digest)) !== undefined) {
      return { ...ready(last), ...revisionsOf(source) }
    }
    await begins(object, revision)
    const late = await cache.fetch(artifact, patienceMs)
    if (late === undefined) {
      return { ...ready(await this.#render(object, release, found)), ...revisionsOf(source) }
    }
    const outcome: Outcome = { kind: 'progressing', message: `rendering ${revision}` }
    return { ...given(outcome), ...revisionsOf(source), until: late.settled }
  }

  async #render(object: ApiObject, release: ModelRelease, found: Found): Promise<LastGood> {
    const { store } = this.#options
    const made = await this.#make(object, release, found)
    const inputs = this.#fingerprint(object, found)
    // A commit that changed nothing: what is published stays, with the commit that it was rendered at.
    const previous = found.last?.published ?? this.#published(object, release)
    if (previous?.revision === made.revision && previous.digest !== made.digest) {
      const isThere =
        store.has(previous.digest) || (await this.#remake(object, release, found, previous))
      if (isThere) return { inputs, published: previous }
    }
    store.put(made)
    const { digest, revision, bytes } = made
    const { origin } = found
    return { inputs, published: { digest, revision, sizeBytes: bytes.length, origin } }
  }

  /**
   * Makes the file of what is published again, with the commit that it was rendered at: later ones may have
   * changed nothing but that. The digest says whether it is the same file.
   */
  async #remake(
    object: ApiObject,
    release: ModelRelease,
    found: Found,
    { digest, origin }: Published
  ): Promise<boolean> {
    const commit = commitOf(origin.revision) ?? found.origin.commit
    try {
      const made = await this.#make(object, release, {
        ...found,
        origin: { ...found.origin, commit }
      })
      if (made.digest !== digest) return false
      this.#options.store.put(made)
      return true
    } catch (error) {
      if (!isFault(error) || reasonOf(error.code) !== 'RenderFailed') throw error
      return false
    }
  }

  #make(object: ApiObject, release: ModelRelease, found: Found): Promise<Artifact> {
    const { artifact, origin, inputs } = found
    const { valueFiles, key } = inputs
    // Who asks for a look does not want to hear what is remembered of the last one.
    const wanted = `${this.#fingerprint(object, found)} ${origin.commit}`
    const asked = `${wanted} ${requestOf(object) ?? ''}`
    return this.#options.cache.use(artifact, folder => {
      const input = { folder, name: object.name, release, origin, valueFiles, key }
      return this.#renderings.make(object.uid, asked, input)
    })
  }

  /** What the ExternalArtifact of a release says now. */
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
