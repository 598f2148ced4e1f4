import { kindOf, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { workloadKinds } from './table.ts'
import type { WorkloadKind, WorkloadRole } from './table.ts'
import { items, walk } from './walk.ts'
import type { Located } from './walk.ts'

/** What an object runs, each with its field as Kubernetes writes it. */
export interface Workload {
  readonly role: WorkloadRole
  readonly scope: 'namespaced' | 'cluster'
  readonly images: readonly { readonly field: string; readonly image: string }[]
  readonly models: readonly { readonly field: string; readonly uri: string }[]
  /** Fields that are there and can hide an image or a model. */
  readonly opaque: readonly { readonly field: string; readonly reason: string }[]
}

const byKind = new Map(workloadKinds.map(row => [`${row.group}/${row.kind}`, row]))

/** What `object` runs by the workload table, or undefined if its kind runs nothing. Never throws. */
export function inspectWorkload(object: JsonObject): Workload | undefined {
  const apiVersion = stringMember(object, 'apiVersion') ?? ''
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const row = byKind.get(`${group}/${stringMember(object, 'kind') ?? ''}`)
  if (row === undefined) return undefined
  const images = readTexts(imagePlaces(object, row), 'an image')
  const models = readTexts(placesOf(object, row.models), 'a model')
  const hidden = placesOf(object, row.opaque).map(({ field }) => ({
    field,
    reason: 'can name an image or a model that this object does not show'
  }))
  return {
    role: row.role,
    scope: row.scope,
    images: images.texts.map(({ field, text }) => ({ field, image: text })),
    models: models.texts.map(({ field, text }) => ({ field, uri: text })),
    opaque: [...hidden, ...images.opaque, ...models.opaque]
  }
}

function placesOf(object: JsonObject, paths: readonly string[] = []): readonly Located[] {
  return paths.flatMap(path => walk(object, path))
}

function imagePlaces(object: JsonObject, row: WorkloadKind): readonly Located[] {
  const podSpecs = placesOf(object, row.podSpecs)
  const containers = [
    ...podSpecs.flatMap(spec =>
      ['containers', 'initContainers', 'ephemeralContainers'].flatMap(list =>
        under(spec, list).flatMap(items)
      )
    ),
    ...placesOf(object, row.containers)
  ]
  const volumes = podSpecs.flatMap(spec => under(spec, 'volumes').flatMap(items))
  return [
    ...containers.flatMap(container => under(container, 'image')),
    ...volumes.flatMap(volume =>
      under(volume, 'image').flatMap(image => under(image, 'reference'))
    ),
    ...placesOf(object, row.images)
  ]
}

function under({ field, value }: Located, name: string): readonly Located[] {
  return walk(value, name).map(found => ({ ...found, field: `${field}.${found.field}` }))
}

/** Texts as they are; what is no text, or is completed by another tool later, is opaque. */
function readTexts(places: readonly Located[], what: string) {
  const texts: { field: string; text: string }[] = []
  const opaque: { field: string; reason: string }[] = []
  for (const { field, value } of places) {
    if (typeof value !== 'string')
      opaque.push({ field, reason: `is ${kindOf(value)}, not ${what}` })
    else if (/\{\{|\$\(/.test(value))
      opaque.push({ field, reason: `${what} that is filled in later` })
    else texts.push({ field, text: value })
  }
  return { texts, opaque }
}
