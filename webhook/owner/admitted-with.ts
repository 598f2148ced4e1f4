import type { JsonObject } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import type { Admitted } from './admitted.ts'
import type { OwnerSearch } from './owner-search.ts'
import { renderedObject } from '../subject/rendered.ts'
import { filledReferences } from './filled-references.ts'
import { statedPrograms } from './program/compare-programs.ts'
import { rightsOf } from './rights.ts'
import { modelImages, runtimeImages } from './runtime-images.ts'
import { templatesOf } from './template-reference.ts'
import type { TemplateReference } from './template-reference.ts'

type Attested = Pick<Admitted, 'owner' | 'subject' | 'keyId' | 'version' | 'facts'> & {
  readonly namespace: string
  /** API groups of the owner and of what is between it and the child. */
  readonly groups: ReadonlySet<string>
}

type Reader = Pick<OwnerSearch, 'source' | 'freshness' | 'homes'>

/** More templates than a pipeline of hundreds of tasks names; each is one request. */
const maxTemplates = 200

interface Unreadable {
  readonly kind: 'unreadable'
  readonly reason: string
}

interface Found {
  readonly kind: 'found'
  readonly objects: readonly JsonObject[]
}

/**
 * Adds to what an owner attests what its templates hold, and theirs. A template counts as it is in the
 * cluster, because it is judged itself when it is admitted; one that does not exist adds nothing.
 */
export async function admittedWith(
  object: JsonObject,
  { owner, subject, keyId, version, facts, namespace, groups }: Attested,
  reader: Reader
): Promise<(Admitted & { readonly kind: 'admitted' }) | Unreadable> {
  const templates = await readTemplates(object, namespace, reader)
  if (templates.kind === 'unreadable') return templates
  const workloads = templates.objects.flatMap(each => inspectWorkload(each) ?? [])
  const images = workloads.flatMap(each => each.images.map(({ value }) => value))
  return {
    kind: 'admitted',
    owner,
    subject,
    keyId,
    version,
    facts,
    images: [
      ...facts.images,
      ...images,
      ...runtimeImages(object, images),
      ...modelImages(facts.models)
    ],
    models: [...facts.models, ...workloads.flatMap(each => each.models.map(({ value }) => value))],
    opaque: new Set([
      ...facts.opaque.map(({ digest }) => digest.sha256),
      ...workloads.flatMap(each => each.opaque.map(digestOpaque)),
      ...filledReferences(renderedObject(facts)?.object ?? {}, templates.objects, subject.identity)
    ]),
    rights: new Set(
      [object, ...templates.objects].flatMap(each => rightsOf(each)).map(({ name }) => name)
    ),
    programs: statedPrograms([object, ...templates.objects], groups)
  }
}

/** The templates of an object and of those templates, each once. */
async function readTemplates(
  object: JsonObject,
  namespace: string,
  reader: Reader
): Promise<Found | Unreadable> {
  const found: JsonObject[] = []
  const asked = new Set<string>()
  const pending = [object]
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    for (const reference of templatesOf(each)) {
      const { group, kind } = reference.kind
      const key = `${group}/${kind}/${reference.name ?? ''}`
      if (asked.has(key)) continue
      asked.add(key)
      if (asked.size > maxTemplates) {
        return { kind: 'unreadable', reason: `more than ${maxTemplates} templates are named` }
      }
      const read = await readTemplate(reference, namespace, reader)
      if (read.kind === 'unreadable') return read
      found.push(...read.objects)
      pending.push(...read.objects)
    }
  }
  return { kind: 'found', objects: found }
}

async function readTemplate(
  { kind, isClusterWide, isShared, name }: TemplateReference,
  ofOwner: string,
  { source, freshness, homes }: Reader
): Promise<Found | Unreadable> {
  const namespace = isClusterWide ? '' : ofOwner
  const unreadable = (reason: string, where = namespace) => {
    const what = `cannot read ${kind.kind} ${[where, name].filter(Boolean).join('/')}`.trim()
    return { kind: 'unreadable', reason: `${what}: ${reason}` } as const
  }
  if (name === undefined) {
    const listed = await source.list(kind, namespace)
    return listed.kind === 'found' ? listed : unreadable(listed.reason)
  }
  for (const where of isShared ? [namespace, ...homes] : [namespace]) {
    const read = await source.get({ kind, namespace: where, name }, freshness)
    if (read.kind === 'unreadable') return unreadable(read.reason, where)
    if (read.kind === 'found') return { kind: 'found', objects: [read.object] }
  }
  return { kind: 'found', objects: [] }
}
