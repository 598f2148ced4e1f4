import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import type { ImageReference } from '../../evidence/image-reference.ts'
import type { OpaqueKind } from '../../evidence/workload/kind.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import type { Workload } from '../../evidence/workload/workload.ts'
import { canonicalImage } from '../subject/canonical-image.ts'
import type { Subject } from '../subject/subject.ts'
import type { StatedPrograms } from './program/candidates.ts'
import { strangeParts } from './program/compare-programs.ts'
import type { StrangePart } from './program/compare-programs.ts'
import { isFilledIn } from './program/expression.ts'
import { accountRight, rightsOf } from './rights.ts'
import type { Right } from './rights.ts'

/** What an owner was admitted with: its attestation, and the templates that it names. */
export interface Admitted {
  /** As messages name it: `PipelineRun ml/train`. */
  readonly owner: string
  /** The owner as policies saw it when it was admitted. */
  readonly subject: Subject
  readonly keyId: string
  readonly version: 'v1alpha1' | 'v1alpha2'
  readonly facts: StatedFacts
  readonly images: readonly string[]
  readonly models: readonly string[]
  /** Digests of opaque fields, wherever they are: an operator moves them. */
  readonly opaque: ReadonlySet<string>
  /** Names of rights on a node, and of accounts. */
  readonly rights: ReadonlySet<string>
  /** What its containers run, and those of its templates. */
  readonly programs: StatedPrograms
}

/** Something that a child runs and its owner was not admitted with. */
export interface Difference {
  readonly field: string
  readonly what: 'image' | 'model' | 'field' | 'right' | StrangePart['what']
  /** The image, the model, the right or the name of the variable; empty for others. */
  readonly found: string
}

const nothing: Pick<Workload, 'images' | 'models' | 'opaque'> = {
  images: [],
  models: [],
  opaque: []
}

/** Kinds of opaque fields that hide neither an image nor a model. */
const unhidden: ReadonlySet<OpaqueKind> = new Set(['local', 'bound'])

/** What a child is compared by, besides images, models, fields that cannot be read, and rights. */
export type Depth = 'images' | 'commands' | 'programs'

/**
 * Returns what a child runs, and the rights on a node with which it does, that its owner was not admitted
 * with, and that the operator does not add by itself. A reference to another object of the cluster is no difference: that object is judged itself.
 */
export function differencesOf(
  { object, workload }: Pick<Subject, 'object' | 'workload'>,
  admitted: Pick<Admitted, 'subject' | 'images' | 'models' | 'opaque' | 'rights' | 'programs'>,
  adds: (image: ImageReference) => boolean,
  depth: Depth
): readonly Difference[] {
  const { images, models, opaque } = workload ?? nothing
  const isAdmitted = imageTest(admitted.images)
  const knownModels = new Set(admitted.models)
  const isAdded = (image: string) => {
    const parsed = canonicalImage(image)
    return !isAdmitted(image) && parsed.kind === 'reference' && adds(parsed.reference)
  }
  const foreignImages = images.filter(({ value }) => !isAdmitted(value) && !isAdded(value))
  const hidden = opaque.filter(
    each => !unhidden.has(each.kind) && !admitted.opaque.has(digestOpaque(each))
  )
  return [
    ...foreignImages.map(({ field, value }) => ({ field, what: 'image' as const, found: value })),
    ...models
      .filter(({ value }) => !knownModels.has(value))
      .map(({ field, value }) => ({ field, what: 'model' as const, found: value })),
    // An image that is filled in at run time has been compared as an image.
    ...hidden
      .filter(
        ({ kind, value }) =>
          kind !== 'expression' || typeof value !== 'string' || !isAdmitted(value)
      )
      .map(({ field }) => ({ field, what: 'field' as const, found: '' })),
    ...rightsOf(object, isAdded)
      .filter(right => !isRightOf(right, admitted, depth))
      .map(({ field, name }) => ({ field, what: 'right' as const, found: name })),
    ...(depth === 'images'
      ? []
      : strangeParts(object, admitted.programs, isAdded, depth === 'programs'))
  ]
}

/** Operators that make an account for an object name it by the object. */
const namingGroups: ReadonlySet<string> = new Set(['ray.io', 'serving.kserve.io'])

function isRightOf(
  { name }: Right,
  { rights, programs, subject }: Pick<Admitted, 'rights' | 'programs' | 'subject'>,
  depth: Depth
): boolean {
  if (rights.has(name)) return true
  if (!name.startsWith(accountRight)) return false
  const account = name.slice(accountRight.length)
  const { group, name: owner } = subject.identity
  const isOwn = account === owner || account.startsWith(`${owner}-`)
  if (depth === 'images' || (namingGroups.has(group) && isOwn)) return true
  return [...rights].some(right =>
    programs.rewritings.some(({ expression }) => isFilledIn(name, right, expression))
  )
}

/**
 * True for an image that is among `admitted`, however it is spelt. Tekton and Knative replace a tag by
 * the digest that it has, so a digest of an admitted repository passes if a tag of it was admitted.
 */
function imageTest(admitted: readonly string[]): (text: string) => boolean {
  const texts = new Set(admitted)
  const references = admitted.flatMap(text => {
    const parsed = canonicalImage(text)
    return parsed.kind === 'invalid' ? [] : [parsed.reference]
  })
  const byName = Map.groupBy(references, nameOf)
  return text => {
    if (texts.has(text)) return true
    const parsed = canonicalImage(text)
    if (parsed.kind === 'invalid') return false
    const { reference } = parsed
    return (byName.get(nameOf(reference)) ?? []).some(each => isSame(reference, each))
  }
}

function nameOf({ registry, repository }: ImageReference): string {
  return `${registry.toLowerCase()}/${repository}`
}

function isSame(found: ImageReference, admitted: ImageReference): boolean {
  if (admitted.digest !== undefined) return found.digest === admitted.digest
  if (found.digest !== undefined) return true
  return (found.tag ?? 'latest') === (admitted.tag ?? 'latest')
}
