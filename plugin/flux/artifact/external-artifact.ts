import { isJsonArray, member, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { writeCondition } from '../../../service/kubernetes/condition.ts'
import type { SourceOrigin } from '../source/source-artifact.ts'
import type { Artifact } from './artifact.ts'
import { artifactsPath } from './artifact-route.ts'
import { artifactFile } from './artifact-store.ts'

/** The label with the UID of the ModelRelease that owns an ExternalArtifact. */
export const releaseLabel = 'mlgitops.io/release'

/** The ExternalArtifact of a release without its status. */
export function externalArtifact(release: ApiObject, name: string): JsonObject {
  const ours = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'ModelRelease', name: release.name }
  return {
    metadata: {
      name,
      namespace: release.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'mlgitops', [releaseLabel]: release.uid },
      ownerReferences: [{ ...ours, uid: release.uid, controller: true, blockOwnerDeletion: true }]
    },
    // `flux trace` reads it and fails without it.
    spec: { sourceRef: { ...ours, namespace: release.namespace } }
  }
}

/** A publication: the rendered artifact that an ExternalArtifact points to. */
export interface Published extends Pick<Artifact, 'digest' | 'revision'> {
  readonly sizeBytes: number
  readonly origin: Pick<SourceOrigin, 'revision' | 'repository'>
}

/**
 * The status of an ExternalArtifact.
 *
 * @param baseUrl the URL at which consumers reach the artifacts
 * @param last the current generation and status: unchanged parts keep their times
 */
export function artifactStatus(
  { digest, revision, sizeBytes, origin }: Published,
  baseUrl: string,
  {
    generation,
    status: last
  }: { readonly generation: number; readonly status: JsonValue | undefined },
  now: Date
): JsonObject {
  const path = `${artifactsPath.slice(1)}${artifactFile(digest)}`
  const lastArtifact = member(last, 'artifact')
  const isSame =
    stringMember(lastArtifact, 'digest') === digest &&
    stringMember(lastArtifact, 'revision') === revision
  const since = isSame ? stringMember(lastArtifact, 'lastUpdateTime') : undefined
  const ready = {
    type: 'Ready',
    status: 'True',
    reason: 'Succeeded',
    message: `stored artifact for revision ${revision}`,
    observedGeneration: generation
  } as const
  return {
    artifact: {
      digest,
      revision,
      path,
      url: `${baseUrl}/${path}`,
      size: sizeBytes,
      lastUpdateTime: since ?? now.toISOString().replace(/\.\d+Z$/, 'Z'),
      metadata: {
        'org.opencontainers.image.revision': origin.revision,
        ...(origin.repository === undefined
          ? {}
          : { 'org.opencontainers.image.source': origin.repository.url })
      }
    },
    conditions: [writeCondition(ready, member(last, 'conditions'), now)]
  }
}

/** Reads the publication from the status of an ExternalArtifact; undefined if it has none. */
export function readPublished(status: JsonValue | undefined): Published | undefined {
  const artifact = member(status, 'artifact')
  const metadata = member(artifact, 'metadata')
  const [digest, revision] = [stringMember(artifact, 'digest'), stringMember(artifact, 'revision')]
  const size = member(artifact, 'size')
  const origin = stringMember(metadata, 'org.opencontainers.image.revision')
  if (digest === undefined || revision === undefined || origin === undefined) return undefined
  const url = stringMember(metadata, 'org.opencontainers.image.source')
  const repository = url === undefined ? undefined : { url, cloneUrl: url }
  const sizeBytes = typeof size === 'number' ? size : 0
  return { digest, revision, sizeBytes, origin: { revision: origin, repository } }
}

/**
 * The UID of the release that owns an ExternalArtifact: from its owner reference, or from its label if the
 * owner reference was removed. Undefined if no release owns it.
 */
export function ownerOf({ body }: ApiObject): string | undefined {
  const metadata = member(body, 'metadata')
  const references = member(metadata, 'ownerReferences')
  const all: readonly JsonValue[] = isJsonArray(references) ? references : []
  const ours = all.find(
    reference =>
      stringMember(reference, 'kind') === 'ModelRelease' &&
      stringMember(reference, 'apiVersion')?.startsWith('mlgitops.io/') === true
  )
  return stringMember(ours, 'uid') ?? stringMember(member(metadata, 'labels'), releaseLabel)
}
