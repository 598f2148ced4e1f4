import { createHash } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import { annotations } from '../../evidence/annotations.ts'
import { inTotoPayloadType } from '../../evidence/attestation/dsse.ts'
import type { Envelope } from '../../evidence/attestation/dsse.ts'
import { signPayloads } from '../../evidence/attestation/signing.ts'
import type { Signing } from '../../evidence/attestation/signing.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import type { BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import type { RenderContext } from '../context.ts'
import { describeIdentity, identify } from '../manifest.ts'
import type { Manifest } from '../manifest.ts'
import { annotate } from './stamp.ts'

/** The evidence files of a render and their content. */
export interface ModelEvidence {
  /** Paths relative to the application path, and the bytes of the files. */
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[]
  readonly biasAudit: BiasAuditSummary | undefined
  /** The model's name in the project file. */
  readonly model: string | undefined
}

/**
 * Kubernetes accepts 256 KiB of annotations per object. Client-side apply, Argo CD's default, keeps a
 * copy of the whole object in an annotation, so the attestation is stored twice; 64 KiB are left for the
 * object and its other annotations.
 */
const maxAttestationCharacters = 96 * 1024

/**
 * Signs a statement for every object that runs something. Statements are deterministic, by sorted members,
 * and so are the signatures of a key file: same commit, same key, same bytes.
 *
 * @throws {Fault} `ATTESTATION_TOO_LARGE`, `SIGNER_*`
 */
export async function attest(
  manifests: readonly Manifest[],
  context: RenderContext,
  evidence: ModelEvidence,
  signing: Signing
): Promise<readonly Manifest[]> {
  const attested = manifests.flatMap(manifest => {
    const facts = factsOf(manifest, context, evidence)
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
function folderName({ sourcePath, repository }: RenderContext): string | undefined {
  const segments = (sourcePath === '.' ? (repository?.url ?? '') : sourcePath).split('/')
  const name = segments.at(-1)?.replace(/\.git$/, '')
  return name === '' ? undefined : name
}

function factsOf(
  { object }: Manifest,
  context: RenderContext,
  { files, biasAudit, model = folderName(context) }: ModelEvidence
): RenderFacts | undefined {
  const workload = inspectWorkload(object)
  if (workload === undefined) return undefined
  const { group, kind, name, generateName, namespace } = identify(object)
  const { repository, commit, modelCommit, modelDigest, sourcePath, targetRevision } = context
  if (modelDigest === undefined) throw new TypeError('a signed render has a model digest')
  const { environment } = context
  const destination = workload.scope === 'cluster' ? '' : namespace || (context.namespace ?? '')
  return {
    object: { group, kind, namespace: destination, ...(name === '' ? { generateName } : { name }) },
    source: {
      ...(repository === undefined ? {} : { repository: repository.url }),
      commit,
      modelCommit,
      modelDigest,
      ...(model === undefined ? {} : { model }),
      path: sourcePath,
      targetRevision
    },
    ...(environment === undefined ? {} : { environment }),
    images: workload.images.map(({ value }) => value),
    models: workload.models.map(({ value }) => value),
    pins: [],
    opaque: workload.opaque.map(opaque => ({
      field: opaque.field,
      digest: { sha256: digestOpaque(opaque) }
    })),
    evidence: files.map(({ path, bytes }) => ({ path, digest: { sha256: sha256(bytes) } })),
    ...(biasAudit === undefined ? {} : { biasAudit })
  }
}
