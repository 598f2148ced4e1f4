import { kindOf } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { RunText } from './workload.ts'
import { compilePath } from './path.ts'
import { workloadTable } from './table.ts'
import { walk } from './walk.ts'

/** A kind whose objects are entries of a model registry: they run nothing and name models. */
export interface RegistryKind {
  readonly group: string
  readonly kind: string
  /** Fields with model URIs: `spec.artifactPath`, `spec.versions[].uri`. */
  readonly uris: readonly string[]
}

/** Our own kind, which is always a registry entry. */
export const registeredModel: RegistryKind = {
  group: 'mlgitops.io',
  kind: 'RegisteredModel',
  uris: ['spec.artifactPath']
}

const fieldPattern = /^[A-Za-z0-9_-]+(?:\[\])*(?:\.[A-Za-z0-9_-]+(?:\[\])*)*$/

/** True for a field of a registry entry: members of `spec`, `[]` for every item of a list. */
export function isUriField(field: string): boolean {
  return field.startsWith('spec.') && field.length <= 500 && fieldPattern.test(field)
}

/** True for a kind that runs something by the workload table, and so cannot be a registry entry. */
export function isWorkloadKind({ group, kind }: Pick<RegistryKind, 'group' | 'kind'>): boolean {
  return workloadTable.some(row => row.group === group && row.kind === kind)
}

/** Returns the registry kind of an object: ours, or one of `kinds`; undefined for any other object. */
export function registryKindOf(
  object: { readonly group: string; readonly kind: string },
  kinds: readonly RegistryKind[]
): RegistryKind | undefined {
  return [registeredModel, ...kinds].find(
    ({ group, kind }) => group === object.group && kind === object.kind
  )
}

/** The model URIs of a registry entry, and the fields whose values cannot be one. */
export interface RegistryUris {
  readonly uris: readonly RunText[]
  /** `reason` is a predicate that follows the field's name. */
  readonly malformed: readonly { readonly field: string; readonly reason: string }[]
}

/** Finds the model URIs of a registry entry. Absent and empty values are left out. */
export function registryUris(object: JsonObject, fields: readonly string[]): RegistryUris {
  const allowance = { steps: 10_000, ends: 2_000 }
  const reached = fields
    .filter(isUriField)
    .flatMap(field => walk(object, compilePath(field), allowance))
    .filter(({ value }) => value !== '')
  const uris: RunText[] = []
  const malformed: { readonly field: string; readonly reason: string }[] = []
  for (const node of reached) {
    const { value, field, obstacle } = node
    if (typeof value === 'string' && obstacle === undefined) uris.push(new RunText(value, node))
    else {
      const held = obstacle ?? `${kindOf(value)} where a string is expected`
      malformed.push({ field, reason: `holds ${held}` })
    }
  }
  return { uris, malformed }
}
