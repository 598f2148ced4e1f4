import { annotations } from '../../evidence/annotations.ts'
import { isUnderPrefix, parseImageReference } from '../../evidence/image-reference.ts'
import type { ImageReference } from '../../evidence/image-reference.ts'
import type { Finding } from '../decision.ts'
import type { ImagesOptions } from '../policy/model-policy.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import { placesOf } from '../subject/places.ts'
import { annotationOf } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { unsearchedFindings } from './unsearched.ts'

const minimumShortCommit = 7
const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

const imagesOf = oncePerSubject(subject =>
  placesOf(subject).images.map(({ field, value }) => {
    return { field, value, parsed: parseImageReference(value) }
  })
)

/** Rule `images`: every image comes from an allowed registry and is pinned. */
export function judgeImages(options: ImagesOptions, { subject }: RuleInput): readonly Finding[] {
  const { unsearched } = placesOf(subject)
  const commits = claimedCommits(subject)
  const findings = imagesOf(subject).flatMap(({ field, value, parsed }) => {
    if (parsed.kind === 'reference')
      return judgeImage(options, { field, value, commits }, parsed.reference)
    const problem = `the image cannot be read: ${parsed.reason}`
    return [
      { field, problem, found: value, fix: 'write the image as REGISTRY/NAME:TAG or @DIGEST' }
    ]
  })
  return [...findings, ...unsearchedFindings(options.hidden, unsearched, 'an image')]
}

interface ImagePlace {
  readonly field: string
  readonly value: string
  readonly commits: readonly string[]
}

function judgeImage(
  { registries, pinnedBy, forbiddenTags = [] }: ImagesOptions,
  { field, value, commits }: ImagePlace,
  reference: ImageReference
): readonly Finding[] {
  const findings: Finding[] = []
  if (registries?.some(prefix => isUnderPrefix(reference, prefix)) === false) {
    findings.push({
      field,
      problem: 'the image is from a registry that is not allowed',
      found: `${value} (${reference.registry}/${reference.repository})`,
      allowed: registries.join(', '),
      fix: 'push the image to an allowed registry and name it there'
    })
  }
  const { digest, tag = 'latest' } = reference
  if (digest === undefined && forbiddenTags.includes(tag)) {
    findings.push({
      field,
      problem: `the tag ${tag} is forbidden`,
      found: value,
      fix: 'name the image by its commit or digest'
    })
  } else if (pinnedBy !== undefined && !isPinned(pinnedBy, reference, commits)) {
    findings.push({
      field,
      problem: 'the image is not pinned',
      found: value,
      allowed: describePins(pinnedBy, commits),
      fix: 'name the image by its commit or digest'
    })
  }
  return findings
}

/** A digest decides alone: a runtime ignores the tag beside it. */
function isPinned(
  pinnedBy: readonly ('commit' | 'digest')[],
  { tag, digest }: ImageReference,
  commits: readonly string[]
): boolean {
  if (digest !== undefined) return pinnedBy.includes('digest')
  if (tag === undefined || !pinnedBy.includes('commit')) return false
  if (commits.length === 0) return fullCommit.test(tag)
  return tag.length >= minimumShortCommit && commits.some(commit => commit.startsWith(tag))
}

/** What the object says of itself; rule `provenance` refuses it where that is not what was attested. */
const claimedCommits = oncePerSubject((subject): readonly string[] => {
  const claims = [annotations.gitCommit, annotations.modelCommit].map(key =>
    annotationOf(subject, key)
  )
  return claims.filter(claim => claim !== undefined && fullCommit.test(claim)) as string[]
})

function describePins(pinnedBy: readonly string[], commits: readonly string[]): string {
  const commit =
    commits.length === 0 ? 'a full commit as the tag' : `the tag ${commits.join(' or ')}`
  return pinnedBy.map(pin => (pin === 'digest' ? 'a digest' : commit)).join(', ')
}
