import { createHash } from 'node:crypto'
import { member, stringifyJson } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { parseEnvelope } from '../../../evidence/attestation/dsse.ts'
import type { RenderContext } from '../../context.ts'
import type { Manifest } from '../../manifest.ts'

/**
 * The revision of what was rendered: `<name>@sha256:<digest>` of its content, without the stamps that
 * differ with every commit. A commit that changes nothing but these keeps the revision, and so does the
 * revert of one; a new bias audit, another key or another image changes it.
 * Consumers compare revisions and nothing else (fluxcd/kustomize-controller, source_predicate.go).
 */
export function revisionOf(
  name: string,
  manifests: readonly Manifest[],
  { commit, modelCommit }: Pick<RenderContext, 'commit' | 'modelCommit'>
): string {
  const hash = createHash('sha256')
  for (const { object } of manifests) {
    hash.update(stringifyJson(withoutStamps(object), { sortKeys: true }))
    const attestation = annotationsOf(object)[annotations.attestation]
    if (typeof attestation === 'string') hash.update(stated(attestation, [commit, modelCommit]))
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

/** What an attestation states and by which key, without the commits, which its signature depends on. */
function stated(attestation: string, commits: readonly string[]): string {
  let envelope
  try {
    envelope = parseEnvelope(attestation)
  } catch {
    // Somebody else's annotation of that name, on an object that we do not attest.
    return attestation
  }
  const text = Buffer.from(envelope.payload, 'base64').toString('utf8')
  return [
    ...envelope.signatures.map(({ keyid }) => keyid),
    commits.reduce((rest, commit) => rest.replaceAll(commit, ''), text)
  ].join('\n')
}
