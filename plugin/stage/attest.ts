import { createHash } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { inTotoPayloadType } from '../../evidence/attestation/dsse.ts'
import type { Envelope } from '../../evidence/attestation/dsse.ts'
import { signPayloads } from '../../evidence/attestation/signing.ts'
import type { Signing } from '../../evidence/attestation/signing.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import type { BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import { encodeRendered } from '../../evidence/binding/rendered-object.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import { registryKindOf, registryUris } from '../../evidence/workload/registry.ts'
import type { RegistryKind } from '../../evidence/workload/registry.ts'
import { digestSpec } from '../../evidence/workload/spec-digest.ts'
import type { RenderContext } from '../context.ts'
import { describeIdentity, identify } from '../manifest.ts'
import type { Manifest } from '../manifest.ts'
import type { ContentHistory } from '../origin/source-selection.ts'
import { commitPins } from './commit-pins.ts'
import { annotate } from './stamp.ts'

/** The evidence files of a render and their content. */
export interface ModelEvidence {
  /** Paths relative to the application path, and the bytes of the files. */
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[]
  /** Undefined without an audit, and for one that is plain text: it is attested by its digest only. */
  readonly biasAudit: BiasAuditSummary | undefined
  /** The model's name in the project file. */
  readonly model: string | undefined
  /** Kinds of the project file that are registry entries. */
  readonly registryKinds: readonly RegistryKind[]
}

/** What is attested about a whole render. */
export interface AttestedRender {
  readonly context: RenderContext
  readonly history: ContentHistory
}

/** Whether an object has to be attested: it runs something, or is a registry entry. */
export function isAttested(object: JsonObject, kinds: readonly RegistryKind[]): boolean {
  return findingsOf(object, kinds) !== undefined
}

/**
 * Kubernetes accepts 256 KiB of annotations per object. Client-side apply, Argo CD's default, keeps a
 * copy of the whole object in an annotation, so the attestation is stored twice; 64 KiB are left for the
 * object and its other annotations.
 */
const maxAttestationCharacters = 96 * 1024

/**
 * Signs a statement for every object that runs something, and for every registry entry. Statements are
 * deterministic, by sorted members, and so are the signatures of a key file: same commit, same key, same
 * bytes.
 *
 * @throws {Fault} `ATTESTATION_TOO_LARGE`, `SIGNER_*`
 */
export async function attest(
  manifests: readonly Manifest[],
  rendering: AttestedRender,
  evidence: ModelEvidence,
  signing: Signing
): Promise<readonly Manifest[]> {
  const attested = manifests.flatMap(manifest => {
    const facts = renderFacts(manifest, rendering, evidence)
    return facts === undefined
      ? []
      : [{ manifest, payload: encodeStatement(buildStatement(facts)) }]
  })
  const payloads = attested.map(({ payload }) => payload)
  const envelopes = await signPayloads(payloads, inTotoPayloadType, signing)
  const byManifest = new Map(attested.map(({ manifest }, index) => [manifest, envelopes[index]]))
  return manifests.map(manifest => {
    const envelope = byManifest.get(manifest)
    return envelope === undefined ? manifest : withAttestation(manifest, envelope)
  })
}

function withAttestation(manifest: Manifest, envelope: Envelope): Manifest {
  const text = JSON.stringify(envelope)
  if (text.length > maxAttestationCharacters) {
    throw new Fault('ATTESTATION_TOO_LARGE', 'the attestation is too large for an annotation', {
      where: manifest.where(),
      found: `${text.length} characters for ${describeIdentity(identify(manifest.object))}`,
      expected: `at most ${maxAttestationCharacters}: kubectl apply keeps it twice in 256 KiB of annotations`,
      remedy: 'Split the object, so that each part has fewer images, models and opaque fields.'
    })
  }
  return { ...manifest, object: annotate(manifest.object, { [annotations.attestation]: text }) }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The default name of a model: its folder, or the repository if the application path is its root. */
export function folderName({
  sourcePath,
  repository
}: Pick<RenderContext, 'sourcePath' | 'repository'>): string | undefined {
  const segments = (sourcePath === '.' ? (repository?.url ?? '') : sourcePath).split('/')
  const name = segments.at(-1)?.replace(/\.git$/, '')
  return name === '' ? undefined : name
}

/** Returns what is attested about an object; undefined if it neither runs anything nor is a registry entry. */
export function renderFacts(
  { object }: Manifest,
  { context, history }: AttestedRender,
  { files, biasAudit, model = folderName(context), registryKinds }: ModelEvidence
): RenderFacts | undefined {
  const found = findingsOf(object, registryKinds)
  if (found === undefined) return undefined
  const { scope, ...runs } = found
  const { group, kind, name, generateName, namespace } = identify(object)
  const { environment } = context
  const destination = scope === 'cluster' ? '' : namespace || (context.namespace ?? '')
  return {
    object: { group, kind, namespace: destination, ...(name === '' ? { generateName } : { name }) },
    rendered: encodeRendered(object),
    source: sourceOf(context, model),
    ...(environment === undefined ? {} : { environment }),
    ...runs,
    pins: commitPins(runs.images, runs.models, history),
    evidence: files.map(({ path, bytes }) => ({ path, digest: { sha256: sha256(bytes) } })),
    ...(biasAudit === undefined ? {} : { biasAudit })
  }
}

function sourceOf(context: RenderContext, model: string | undefined): RenderFacts['source'] {
  const { repository, commit, modelCommit, modelDigest, committedAt } = context
  const { sourcePath, targetRevision } = context
  return {
    ...(repository === undefined ? {} : { repository: repository.url }),
    commit,
    ...(modelCommit === undefined ? {} : { modelCommit }),
    modelDigest,
    ...(model === undefined ? {} : { model }),
    path: sourcePath,
    targetRevision,
    ...(committedAt === undefined ? {} : { committedAt })
  }
}

/** What an object runs or, as a registry entry, names; undefined for any other object. */
function findingsOf(object: JsonObject, registryKinds: readonly RegistryKind[]) {
  const workload = inspectWorkload(object)
  const registryKind = registryKindOf(identify(object), registryKinds)
  if (workload === undefined && registryKind === undefined) return undefined
  const { scope = 'namespaced', images = [], models = [], opaque = [] } = workload ?? {}
  const uris = registryKind === undefined ? [] : registryUris(object, registryKind.uris).uris
  return {
    scope,
    images: images.map(({ value }) => value),
    models: [...models, ...uris].map(({ value }) => value),
    opaque: opaque.map(each => ({ field: each.field, digest: { sha256: digestOpaque(each) } })),
    ...(registryKind === undefined
      ? {}
      : { registry: { spec: { sha256: digestSpec(object) }, uris: registryKind.uris } })
  }
}
