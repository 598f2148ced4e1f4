import { Fault } from '../../common/fault.ts'
import {
  isUriField,
  isWorkloadKind,
  registeredModel,
  registryKindOf
} from '../../evidence/workload/registry.ts'
import type { RegistryKind } from '../../evidence/workload/registry.ts'

/** An entry of `kinds`, as the schema of the project file describes it. */
type RegistryKindEntry = Omit<RegistryKind, 'uris'> & { readonly uris?: readonly string[] }

/**
 * Reads `kinds` of a project file.
 *
 * @param file the file name in messages
 * @throws {Fault} `PROJECT_INVALID` for a kind that runs something or is given twice, and for a field that
 *   is not below `spec`
 */
export function readRegistryKinds(
  entries: readonly RegistryKindEntry[],
  file: string
): readonly RegistryKind[] {
  const kinds: RegistryKind[] = []
  for (const [index, { group, kind, uris = [] }] of entries.entries()) {
    const entry = { group, kind, uris }
    const problem = problemOf(entry, kinds)
    if (problem !== undefined) {
      const where = `${file}: kinds[${index}]`
      throw new Fault('PROJECT_INVALID', problem.message, { where, ...problem.details })
    }
    kinds.push(entry)
  }
  return kinds
}

function problemOf({ group, kind, uris }: RegistryKind, known: readonly RegistryKind[]) {
  const found = `${group}/${kind}`
  if (isWorkloadKind({ group, kind })) {
    const expected = 'a kind that runs nothing: what a workload runs is attested without it'
    return { message: 'this kind is not a registry entry', details: { found, expected } }
  }
  if (group === registeredModel.group && kind === registeredModel.kind) {
    const remedy = 'Remove it: our own kind is always attested.'
    return { message: 'this kind is known', details: { found, remedy } }
  }
  if (registryKindOf({ group, kind }, known) !== undefined) {
    return { message: 'a kind is given twice', details: { found } }
  }
  const wrong = uris.find(field => !isUriField(field))
  if (wrong === undefined) return undefined
  const expected = 'a field below spec, such as spec.artifactPath or spec.versions[].uri'
  return { message: 'this is not a field', details: { found: JSON.stringify(wrong), expected } }
}
