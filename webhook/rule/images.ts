import { annotations } from '../../evidence/annotations.ts'
import { pinnedBy as pinOf } from '../../evidence/commit-name.ts'
import type { ModelNames } from '../../evidence/commit-name.ts'
import { underPrefix } from '../../evidence/image-reference.ts'
import type { ImageReference, ParsedImage } from '../../evidence/image-reference.ts'
import type { Finding } from '../decision.ts'
import type { ImagesOptions } from '../policy/model-policy.ts'
import type { Attestation } from '../subject/attestation.ts'
import { canonicalImage } from '../subject/canonical-image.ts'
import type { HiddenValue } from '../subject/hidden-text.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import { imagesAndModelsOf } from '../subject/images-and-models.ts'
import { annotationOf } from '../subject/subject.ts'
import type { Subject } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { addUnsearched } from './unsearched.ts'

const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const fullDigest = /^sha256:[0-9a-f]{64}$/

/** An image of a subject. */
interface NamedImage {
  /** The text in the object. */
  readonly found: HiddenValue
  readonly parsed: ParsedImage
}

const imagesOf = oncePerSubject((subject): readonly NamedImage[] =>
  imagesAndModelsOf(subject).images.map(found => ({ found, parsed: canonicalImage(found.value) }))
)

/** Compiles rule `images`: every image comes from an allowed registry and is pinned. */
export function compileImages(options: ImagesOptions): (input: RuleInput) => readonly Finding[] {
  const registries = options.registries?.map(underPrefix)
  return ({ subject, attestation }) => {
    const findings = (subject.workload?.emptyImages ?? []).map(emptyFinding)
    const names = options.pinnedBy === undefined ? noNames : namesOf(subject, attestation)
    for (const { found, parsed } of imagesOf(subject)) {
      if (parsed.kind === 'invalid') findings.push(unreadable(found, parsed.reason))
      else {
        const { reference } = parsed
        const isForeign = registries?.some(isUnder => isUnder(reference)) === false
        if (isForeign) findings.push(foreign(found, reference, options))
        const wrongTag = tagFinding(found, reference, options, names)
        if (wrongTag !== undefined) findings.push(wrongTag)
      }
    }
    if (options.hidden === 'Deny')
      addUnsearched(findings, imagesAndModelsOf(subject).unsearched, 'an image')
    return findings
  }
}

function emptyFinding({ field }: { readonly field: string }): Finding {
  const fix = 'name the image, or leave the field out'
  return { field, problem: 'the image is empty', found: '""', fix }
}

function unreadable({ field, value }: HiddenValue, reason: string): Finding {
  const fix = 'write the image as REGISTRY/NAME:TAG or @DIGEST'
  return { field, problem: `the image reference is invalid: ${reason}`, found: value, fix }
}

function foreign(
  { field, value }: HiddenValue,
  { registry, repository }: ImageReference,
  { registries = [] }: ImagesOptions
): Finding {
  return {
    field,
    problem: 'the image comes from a registry that is not allowed',
    found: `${value} (${registry}/${repository})`,
    allowed: registries.join(', '),
    fix: 'push the image to an allowed registry and reference it there'
  }
}

function tagFinding(
  found: HiddenValue,
  reference: ImageReference,
  { forbiddenTags = [], pinnedBy }: ImagesOptions,
  names: ModelNames
): Finding | undefined {
  const { digest, tag = 'latest' } = reference
  if (digest === undefined && forbiddenTags.includes(tag)) {
    const { field, value } = found
    return { field, problem: `the tag ${tag} is forbidden`, found: value, fix: fixOfTag }
  }
  if (pinnedBy === undefined || isPinned(pinnedBy, reference, names)) return undefined
  return pinFinding(found, reference, pinnedBy, names)
}

const fixOfTag = 'reference the image by commit or digest'

function pinFinding(
  { field, value }: HiddenValue,
  { digest, tag = 'latest' }: ImageReference,
  pinnedBy: readonly ('commit' | 'digest')[],
  names: ModelNames
): Finding {
  const allowed = describePins(pinnedBy, names)
  const fix = fixOfTag
  const pin = digest === undefined && names.pins.find(pin => pin.tag === tag)
  if (!pin || !pinnedBy.includes('commit')) {
    return { field, problem: 'the image is not pinned', found: value, allowed, fix }
  }
  const problem = pin.isAncestor
    ? "the image is not pinned: its tag is an ancestor, but the model's sources there differ"
    : 'the image is not pinned: its tag is not a commit in the history of this one'
  const build = 'reference an image that was built from the sources of this commit'
  return { field, problem, found: value, allowed, fix: pin.isAncestor ? build : fix }
}

/** A digest decides alone: a runtime ignores the tag next to it. */
function isPinned(
  pinnedBy: readonly ('commit' | 'digest')[],
  { tag, digest }: ImageReference,
  names: ModelNames
): boolean {
  if (digest !== undefined) return pinnedBy.includes('digest')
  if (tag === undefined || !pinnedBy.includes('commit')) return false
  return isUnnamed(names) ? fullCommit.test(tag) : pinOf(tag, names) !== undefined
}

const noNames: ModelNames = { pins: [] }

/**
 * What a tag can name: the attested facts or, without an attestation, the annotations. Rule `provenance`
 * refuses annotations that were not attested.
 */
function namesOf(subject: Subject, attestation: Attestation): ModelNames {
  if (attestation.kind === 'verified') {
    const { facts } = attestation
    return { ...facts.source, pins: facts.pins }
  }
  return claimedNames(subject)
}

const claimedNames = oncePerSubject((subject): ModelNames => {
  const claim = (key: string, pattern: RegExp) => {
    const text = annotationOf(subject, key)
    return text !== undefined && pattern.test(text) ? text : undefined
  }
  const [commit, modelCommit, modelDigest] = [
    claim(annotations.gitCommit, fullCommit),
    claim(annotations.modelCommit, fullCommit),
    claim(annotations.modelDigest, fullDigest)
  ]
  return {
    ...(commit === undefined ? {} : { commit }),
    ...(modelCommit === undefined ? {} : { modelCommit }),
    ...(modelDigest === undefined ? {} : { modelDigest }),
    pins: []
  }
})

function isUnnamed({ commit, modelCommit, modelDigest }: ModelNames): boolean {
  return commit === undefined && modelCommit === undefined && modelDigest === undefined
}

function describePins(
  pinnedBy: readonly string[],
  { commit, modelCommit, modelDigest }: ModelNames
): string {
  const names = [commit, modelCommit, modelDigest?.replace('sha256:', '')]
  const known = [...new Set(names.filter(name => name !== undefined))]
  const tag = known.length === 0 ? 'a full commit as the tag' : `the tag ${known.join(' or ')}`
  return pinnedBy.map(pin => (pin === 'digest' ? 'a digest' : tag)).join(', ')
}
