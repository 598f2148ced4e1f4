import { memoize } from '../../common/memoize.ts'
import { annotations } from '../../evidence/annotations.ts'
import { parseImageReference, underPrefix } from '../../evidence/image-reference.ts'
import type { ImageReference, ParsedImage } from '../../evidence/image-reference.ts'
import type { Finding } from '../decision.ts'
import type { ImagesOptions } from '../policy/model-policy.ts'
import type { HiddenValue } from '../subject/hidden-text.ts'
import { oncePerSubject } from '../subject/once-per-subject.ts'
import { imagesAndModelsOf } from '../subject/images-and-models.ts'
import { annotationOf } from '../subject/subject.ts'
import type { RuleInput } from './context.ts'
import { addUnsearched } from './unsearched.ts'

const minimumShortCommit = 7
const fullCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/** An image of a subject. */
interface NamedImage {
  /** The text in the object. */
  readonly found: HiddenValue
  readonly parsed: ParsedImage
}

/** Memoized, because the same images come with every review of a workload. */
const parse = memoize(parseImageReference, { maxTexts: 1_000, maxCharacters: 512 })

const imagesOf = oncePerSubject((subject): readonly NamedImage[] =>
  imagesAndModelsOf(subject).images.map(found => ({ found, parsed: parse(found.value) }))
)

/** Compiles rule `images`: every image comes from an allowed registry and is pinned. */
export function compileImages(options: ImagesOptions): (input: RuleInput) => readonly Finding[] {
  const registries = options.registries?.map(underPrefix)
  return ({ subject }) => {
    const findings: Finding[] = []
    const commits = options.pinnedBy === undefined ? [] : claimedCommits(subject)
    for (const { found, parsed } of imagesOf(subject)) {
      if (parsed.kind === 'invalid') findings.push(unreadable(found, parsed.reason))
      else {
        const { reference } = parsed
        const isForeign = registries?.some(isUnder => isUnder(reference)) === false
        if (isForeign) findings.push(foreign(found, reference, options))
        const wrongTag = tagFinding(found, reference, options, commits)
        if (wrongTag !== undefined) findings.push(wrongTag)
      }
    }
    if (options.hidden === 'Deny')
      addUnsearched(findings, imagesAndModelsOf(subject).unsearched, 'an image')
    return findings
  }
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
  commits: readonly string[]
): Finding | undefined {
  const { digest, tag = 'latest' } = reference
  const fix = 'reference the image by commit or digest'
  if (digest === undefined && forbiddenTags.includes(tag)) {
    const problem = `the tag ${tag} is forbidden`
    return { field: found.field, problem, found: found.value, fix }
  }
  if (pinnedBy === undefined || isPinned(pinnedBy, reference, commits)) return undefined
  const allowed = describePins(pinnedBy, commits)
  const problem = 'the image is not pinned'
  return { field: found.field, problem, found: found.value, allowed, fix }
}

/** A digest decides alone: a runtime ignores the tag next to it. */
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

/** The commits in the object's annotations. Rule `provenance` refuses them if they were not attested. */
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
