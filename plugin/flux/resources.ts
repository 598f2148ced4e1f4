import type { Resource } from '../../service/kubernetes/resource.ts'
import type { SourceKind } from './release/model-release.ts'

export const modelReleases: Resource = {
  group: 'mlgitops.io',
  version: 'v1alpha1',
  plural: 'modelreleases',
  kind: 'ModelRelease'
}

const flux = { group: 'source.toolkit.fluxcd.io', version: 'v1' }

export const externalArtifacts: Resource = {
  ...flux,
  plural: 'externalartifacts',
  kind: 'ExternalArtifact'
}

/** The kinds of sources of a release. */
export const sources: Readonly<Record<SourceKind, Resource>> = {
  GitRepository: { ...flux, plural: 'gitrepositories', kind: 'GitRepository' },
  OCIRepository: { ...flux, plural: 'ocirepositories', kind: 'OCIRepository' },
  Bucket: { ...flux, plural: 'buckets', kind: 'Bucket' },
  ExternalArtifact: externalArtifacts
}

const core = { group: '', version: 'v1' }

export const configMaps: Resource = { ...core, plural: 'configmaps', kind: 'ConfigMap' }
