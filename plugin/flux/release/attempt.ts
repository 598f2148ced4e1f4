import { createHash } from 'node:crypto'
import { Fault, describeFault } from '../../../common/fault.ts'
import { member, stringifyJson } from '../../../common/json.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { artifactFile } from '../artifact/artifact-store.ts'
import type { ArtifactStore } from '../artifact/artifact-store.ts'
import { buildArtifact } from '../artifact/artifact.ts'
import type { Artifact } from '../artifact/artifact.ts'
import { ownerOf, readPublished } from '../artifact/external-artifact.ts'
import type { Published } from '../artifact/external-artifact.ts'
import { originOf, readSourceArtifact } from '../source/source-artifact.ts'
import type { SourceArtifact, SourceOrigin } from '../source/source-artifact.ts'
import type { SourceCache } from '../source/source-cache.ts'
import type { ModelRelease, SourceRef } from './model-release.ts'
import type { Outcome } from './outcome.ts'
import { readReleaseInputs } from './release-inputs.ts'
import type { ReleaseInputs } from './release-inputs.ts'
import { renderRelease } from './render-release.ts'
import type { RenderInput } from './render-release.ts'

/** What attempts work with. */
export interface AttemptOptions {
  readonly client: ApiClient
  readonly store: ArtifactStore
  readonly cache: SourceCache
  readonly findSource: (ref: SourceRef) => ApiObject | undefined
  readonly findArtifact: (namespace: string, name: string) => ApiObject | undefined
  /** Whether a release may name a source of another namespace. */
  readonly allowsCrossNamespace: boolean
  /** Of this program: another one may render otherwise. */
  readonly version: string
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number
}

/** What was published of a release, and what it was made from. */
export interface LastGood {
  readonly inputs: string
  readonly published: Published
}

/** What came of an attempt. */
export interface Attempted {
  readonly outcome: Outcome
  /** What is to be published; undefined: what is there stays. */
  readonly good: LastGood | undefined
  /** The revision of the source, where there was one. */
  readonly revision: string | undefined
  /** It may go better without a change that we are told of. */
  readonly isWorthRetrying: boolean
}

/** A render that failed, which fails again for the same inputs. */
interface LastFailure {
  readonly inputs: string
  readonly fault: Fault
  readonly atMs: number
}

/** Something beside the inputs may have been at fault, such as a kustomize that is not installed. */
const failureStandsMs = 60_000

/** Renders a release anew, if anything that goes into it has changed. */
export class Attempts {
  readonly #options: AttemptOptions
  readonly #failures = new Map<string, LastFailure>()
  /** How many times something was rendered, for metrics. */
  renders = 0

  constructor(options: AttemptOptions) {
    this.#options = options
  }

  /** It throws nothing but defects and faults of the API server. */
  async attempt(
    object: ApiObject,
    release: ModelRelease,
    last: LastGood | undefined
  ): Promise<Attempted> {
    const { sourceRef, artifactName } = release
    const foreign = this.#refuse(object, release)
    if (foreign !== undefined) return given(foreign, undefined)
    const source = this.#options.findSource(sourceRef)
    const artifact = source === undefined ? undefined : readSourceArtifact(source.body)
    if (source === undefined || artifact === undefined) {
      const lack = source === undefined ? 'is not there' : 'has no artifact yet'
      const message = `${sourceRef.kind} ${sourceRef.namespace}/${sourceRef.name} ${lack}`
      return given({ kind: 'failed', reason: 'SourceNotReady', message }, undefined)
    }
    const origin = originOf(source.body, artifact)
    if (origin === undefined) {
      const message = `the revision ${JSON.stringify(artifact.revision.slice(0, 80))} of ${sourceRef.kind} ${sourceRef.name} names no commit`
      return given({ kind: 'failed', reason: 'SourceNotReady', message }, artifact.revision)
    }
    try {
      const inputs = await readReleaseInputs(this.#options.client, object.namespace, release)
      const current = this.#options.findArtifact(object.namespace, artifactName)
      const good = await this.#render(object, release, { artifact, origin, inputs, last, current })
      const message = `stored artifact for revision ${good.published.revision}`
      const outcome: Outcome = { kind: 'ready', message }
      return { outcome, good, revision: artifact.revision, isWorthRetrying: false }
    } catch (error) {
      if (!isFault(error)) throw error
      return failed(error, artifact.revision)
    }
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

  async #render(object: ApiObject, release: ModelRelease, found: Found): Promise<LastGood> {
    const { store, cache } = this.#options
    const { artifact, origin, last, current } = found
    const inputs = this.#fingerprint(object, found)
    if (last?.inputs === inputs && store.read(fileOf(last)) !== undefined) return last
    const { valueFiles, key } = found.inputs
    const made = await cache.use(artifact, folder => {
      const { name } = object
      const input = { folder, name, release, origin, valueFiles, key }
      return this.#make(object.uid, inputs, input)
    })
    // A commit that changed nothing: what is published stays, with the commit that it was rendered at.
    const previous = last?.published ?? readPublished(member(current?.body, 'status'))
    if (previous?.revision === made.revision && store.has(previous.digest)) {
      return { inputs, published: previous }
    }
    store.put(made)
    const { digest, revision, bytes } = made
    return { inputs, published: { digest, revision, sizeBytes: bytes.length, origin } }
  }

  /** Renders, unless that failed just now. */
  async #make(uid: string, inputs: string, input: RenderInput): Promise<Artifact> {
    const { nowMs } = this.#options
    const last = this.#failures.get(uid)
    if (last?.inputs === inputs && nowMs() - last.atMs < failureStandsMs) throw last.fault
    this.#failures.delete(uid)
    this.renders += 1
    try {
      return buildArtifact(input.release.artifactName, await renderRelease(input))
    } catch (error) {
      if (isFault(error)) this.#failures.set(uid, { inputs, fault: error, atMs: nowMs() })
      throw error
    }
  }

  /** A release is gone. */
  forget(uid: string): void {
    this.#failures.delete(uid)
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

interface Found {
  readonly artifact: SourceArtifact
  readonly origin: SourceOrigin
  readonly inputs: ReleaseInputs
  readonly last: LastGood | undefined
  readonly current: ApiObject | undefined
}

function fileOf({ published }: LastGood): string {
  return artifactFile(published.digest)
}

function given(outcome: Outcome, revision: string | undefined): Attempted {
  return { outcome, good: undefined, revision, isWorthRetrying: false }
}

/** What comes from elsewhere may come right by itself; a render that failed fails again. */
function failed(fault: Fault, revision: string): Attempted {
  const message = describeFault(fault)
  const isSource = fault.code.startsWith('SOURCE_')
  const isReference = fault.code === 'RELEASE_REFERENCE'
  const isApi = fault.code.startsWith('KUBERNETES_')
  if (isApi) throw fault
  const reason = isSource ? 'FetchFailed' : isReference ? 'ValuesNotReady' : 'RenderFailed'
  const outcome: Outcome = { kind: 'failed', reason, message }
  return { outcome, good: undefined, revision, isWorthRetrying: isSource || isReference }
}

function isFault(error: unknown): error is Fault {
  return error instanceof Fault
}
