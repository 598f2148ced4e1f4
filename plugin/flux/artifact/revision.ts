import { createHash } from 'node:crypto'
import { member, stringifyJson } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { parseEnvelope, payloadOf } from '../../../evidence/attestation/dsse.ts'
import type { RenderContext } from '../../context.ts'
import type { Manifest } from '../../manifest.ts'

/**
 * The revision of rendered manifests: `<name>@sha256:<digest>` of their content without the stamps, which
 * differ with every commit. A commit that changes only stamps keeps the revision, and a revert gives the
 * old revision back; a new bias audit, another key or another image changes it.
 * Consumers compare only revisions (fluxcd/kustomize-controller, source_predicate.go).
 */
export function revisionOf(
  name: string,
  manifests: readonly Manifest[],
  { commit, modelCommit }: Pick<RenderContext, 'commit' | 'modelCommit'>
): string {
  const hash = createHash('sha256')
  const commits = modelCommit === undefined ? [commit] : [commit, modelCommit]
  for (const { object } of manifests) {
    hash.update(stringifyJson(withoutStamps(object), { sortKeys: true }))
    const attestation = annotationsOf(object)[annotations.attestation]
    if (typeof attestation === 'string') hash.update(stated(attestation, commits))
    hash.update('\n')
  }
  return `${name}@sha256:${hash.digest('hex')}`
}

function withoutStamps(object: JsonObject): JsonObject {
  const stamps: readonly string[] = [
    annotations.gitCommit,
    annotations.modelCommit,
    annotations.attestation
  ]
  const kept = Object.entries(annotationsOf(object)).filter(([key]) => !stamps.includes(key))
  const metadata = member(object, 'metadata') as JsonObject
  return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(kept) } }
}

function annotationsOf(object: JsonObject): JsonObject {
  return (member(member(object, 'metadata'), 'annotations') ?? {}) as JsonObject
}

/** The key IDs and the statement of an attestation, without the commits and the signature. */
function stated(attestation: string, commits: readonly string[]): string {
  let envelope
  try {
    envelope = parseEnvelope(attestation)
  } catch {
    // The annotation was not written by mlgitops, on an object that is not attested.
    return attestation
  }
  const text = Buffer.from(payloadOf(envelope), 'base64').toString('utf8')
  return [
    ...envelope.signatures.map(({ keyid }) => keyid),
    commits.reduce((rest, commit) => rest.replaceAll(commit, ''), text)
  ].join('\n')
}
