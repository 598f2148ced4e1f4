import { createHash } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import { annotations } from '../../evidence/annotations.ts'
import { inTotoPayloadType, signEnvelope } from '../../evidence/attestation/dsse.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import type { BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import type { RenderContext } from '../context.ts'
import { describeIdentity, identify } from '../manifest.ts'
import type { Manifest } from '../manifest.ts'
import { annotate } from './stamp.ts'

/** The evidence files of a render and what they say. */
export interface Evidence {
  /** Paths relative to the application path, with what stands in the files. */
  readonly files: readonly { readonly path: string; readonly bytes: Buffer }[]
  readonly biasAudit: BiasAuditSummary | undefined
  /** The model's name as the project file has it. */
  readonly model: string | undefined
}

/**
 * Kubernetes accepts 256 KiB of annotations on an object. Client-side apply, Argo CD's default, keeps a
 * copy of the whole object in one of them, so the attestation stands there twice; 64 KiB are left for
 * the object and its other annotations.
 */
const maxAttestationCharacters = 96 * 1024

/**
 * Signs a statement for every object that runs something. Ed25519 and sorted members make it
 * deterministic: same commit, same key, same bytes.
 *
 * @throws {Fault} `ATTESTATION_TOO_LARGE`
 */
export function attest(
  manifests: readonly Manifest[],
  context: RenderContext,
  evidence: Evidence,
  key: Key
): readonly Manifest[] {
  return manifests.map(manifest => {
    const facts = factsOf(manifest, context, evidence)
    if (facts === undefined) return manifest
    const envelope = signEnvelope(encodeStatement(buildStatement(facts)), inTotoPayloadType, key)
    const text = JSON.stringify(envelope)
    if (text.length > maxAttestationCharacters) {
      throw new Fault('ATTESTATION_TOO_LARGE', 'the attestation does not fit into an annotation', {
        where: manifest.where(),
        found: `${text.length} characters for ${describeIdentity(identify(manifest.object))}`,
        expected: `at most ${maxAttestationCharacters}: kubectl apply keeps it twice in 256 KiB of annotations`,
        remedy:
          'Split the object: each runs fewer images and models then, or has fewer hidden fields.'
      })
    }
    return { ...manifest, object: annotate(manifest.object, { [annotations.attestation]: text }) }
  })
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** A model is called as its folder is, or as the repository where it has that for itself. */
function folderName({ sourcePath, repository }: RenderContext): string | undefined {
  const segments = (sourcePath === '.' ? (repository?.url ?? '') : sourcePath).split('/')
  const name = segments.at(-1)?.replace(/\.git$/, '')
  return name === '' ? undefined : name
}

function factsOf(
  { object }: Manifest,
  context: RenderContext,
  { files, biasAudit, model = folderName(context) }: Evidence
): RenderFacts | undefined {
  const workload = inspectWorkload(object)
  if (workload === undefined) return undefined
  const { group, kind, name, generateName, namespace } = identify(object)
  const { repository, commit, modelCommit, modelDigest, sourcePath, targetRevision } = context
  const { environment } = context
  const destination = workload.scope === 'cluster' ? '' : namespace || (context.namespace ?? '')
  return {
    object: { group, kind, namespace: destination, ...(name === '' ? { generateName } : { name }) },
    source: {
      ...(repository === undefined ? {} : { repository: repository.url }),
      commit,
      modelCommit,
      ...(modelDigest === undefined ? {} : { modelDigest }),
      ...(model === undefined ? {} : { model }),
      path: sourcePath,
      targetRevision
    },
    ...(environment === undefined ? {} : { environment }),
    images: workload.images.map(({ value }) => value),
    models: workload.models.map(({ value }) => value),
    opaque: workload.opaque.map(opaque => ({
      field: opaque.field,
      digest: { sha256: digestOpaque(opaque) }
    })),
    evidence: files.map(({ path, bytes }) => ({ path, digest: { sha256: sha256(bytes) } })),
    ...(biasAudit === undefined ? {} : { biasAudit })
  }
}
