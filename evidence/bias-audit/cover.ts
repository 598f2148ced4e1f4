import { isNameOfCommit, isNameOfDigest, pinnedBy } from '../commit-name.ts'
import type { ModelNames } from '../commit-name.ts'
import { parseImageReference } from '../image-reference.ts'
import type { ImageReference } from '../image-reference.ts'
import { ambiguityOf, isOciUri, pathSegments } from '../model-uri.ts'
import type { AuditedArtifact } from './bias-audit.ts'
import type { BiasAuditSummary } from './summary.ts'

/** What an audit names. */
export type AuditedNames = Pick<BiasAuditSummary, 'modelCommit' | 'modelDigest' | 'artifacts'>

/**
 * Whether an audit covers a model URI or an image:
 *
 * - `covered` it is one of the audit's artifacts, or names the audited content
 * - `sources` it names the content that was rendered, which the audit does not cover
 * - `other` it names nothing that is known
 */
export type Covered = 'covered' | 'sources' | 'other'

/** What an audit covers in an object with these sources. */
export interface Cover {
  /** A model at a URI. The URI must be an artifact, or a whole path segment must name the content. */
  uri(uri: string): Covered
  /**
   * An image. It must be an artifact, or its tag must name the content. A digest decides alone, as it
   * does in a container runtime: then only an artifact with this digest covers the image.
   */
  image(image: string): Covered
  /** True for an image with the name of an audited one, whatever its tag or digest. */
  isVersionOfAudited(image: string): boolean
}

/**
 * True when an audit covers the model's sources: by the full commit, not a prefix, or by their digest.
 * Both name the same content, so one match is enough.
 */
export function coversModel(
  audit: Pick<AuditedNames, 'modelCommit' | 'modelDigest'>,
  source: Pick<ModelNames, 'modelCommit' | 'modelDigest'>
): boolean {
  const { modelCommit, modelDigest } = audit
  if (modelCommit !== undefined && modelCommit === source.modelCommit) return true
  return modelDigest !== undefined && modelDigest === source.modelDigest
}

/** Prepares an audit for many URIs and images. */
export function coverOf(audit: AuditedNames, source: ModelNames): Cover {
  const { artifacts = [] } = audit
  const uris = new Set(artifacts.map(({ uri }) => withoutTrailingSlash(uri)))
  const images = auditedImages(artifacts)
  const hasSources = coversModel(audit, source)
  const named = (names: readonly string[]): Covered => {
    if (names.some(name => isAudited(audit, name, source))) return 'covered'
    if (names.every(name => pinnedBy(name, source) === undefined)) return 'other'
    return hasSources ? 'covered' : 'sources'
  }
  const image = (text: string): Covered => {
    const found = referenceOf(text)
    if (found === undefined) return 'other'
    if (images.get(nameOf(found))?.some(audited => isSame(audited, found)) === true) {
      return 'covered'
    }
    return found.digest === undefined && found.tag !== undefined ? named([found.tag]) : 'other'
  }
  return {
    image,
    uri: text => {
      if (isOciUri(text)) return image(text)
      if (ambiguityOf(text) === 'an expression') return 'other'
      return uris.has(withoutTrailingSlash(text)) ? 'covered' : named(pathSegments(text))
    },
    isVersionOfAudited: text => {
      const found = referenceOf(text)
      return found !== undefined && images.has(nameOf(found))
    }
  }
}

function isAudited(audit: AuditedNames, name: string, { pins }: ModelNames): boolean {
  return isNameOfDigest(name, audit.modelDigest) || isNameOfCommit(name, audit.modelCommit, pins)
}

/** An audited image with the digest that the audit gives. */
type AuditedImage = Pick<ImageReference, 'tag' | 'digest'> & { readonly given?: string | undefined }

/** The audited images by their names. */
function auditedImages(
  artifacts: readonly AuditedArtifact[]
): ReadonlyMap<string, readonly AuditedImage[]> {
  const images = new Map<string, AuditedImage[]>()
  for (const { uri, digest } of artifacts) {
    const reference = referenceOf(uri)
    if (reference === undefined) continue
    const known = images.get(nameOf(reference)) ?? []
    images.set(nameOf(reference), [...known, { ...reference, given: digest }])
  }
  return images
}

/** A tag can move: an image with a digest is the audited one only by that digest. */
function isSame(audited: AuditedImage, found: ImageReference): boolean {
  if (found.digest !== undefined) return found.digest === (audited.digest ?? audited.given)
  return audited.digest === undefined && (audited.tag ?? 'latest') === (found.tag ?? 'latest')
}

function nameOf({ registry, repository }: ImageReference): string {
  return `${registry.toLowerCase()}/${repository}`
}

function referenceOf(text: string): ImageReference | undefined {
  const parsed = parseImageReference(text.replace(/^oci:\/\//i, ''))
  return parsed.kind === 'reference' ? parsed.reference : undefined
}

function withoutTrailingSlash(uri: string): string {
  return uri.replace(/(?<=[^/])\/+$/, '')
}
