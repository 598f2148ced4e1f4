import { Fault } from '../../common/fault.ts'
import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { writeYaml } from '../../common/yaml/write.ts'

/** The file of an entry, from the root of the repository. */
export function entryFile(model: string, environment: string): string {
  return `registry/${model}/${environment}.yaml`
}

const header =
  '# Written by mlgitops. Do not edit: the next registration or promotion replaces this file.\n'

/** The text of an entry. */
export function entryText(entry: JsonObject): string {
  return header + writeYaml(entry)
}

/**
 * Reads an entry that is in the repository.
 *
 * @throws {Fault} `ENTRY_INVALID`, `YAML_INVALID`
 */
export function readEntry(content: Buffer, file: string): JsonObject {
  const documents = readYaml(content.toString('utf8'), { file })
  const entry = documents[0]?.value
  const isEntry =
    isJsonObject(entry) &&
    stringMember(entry, 'kind') === 'RegisteredModel' &&
    isJsonObject(member(entry, 'spec')) &&
    documents.length === 1
  if (isEntry) return entry
  throw new Fault('ENTRY_INVALID', 'the file is no registry entry', {
    where: file,
    expected: 'one RegisteredModel with a spec',
    remedy: 'Register the model again: the file is written by mlgitops register.'
  })
}

/** A field of the spec of an entry as text; undefined if it is not there. */
export function specText(
  entry: JsonObject | undefined,
  ...path: readonly string[]
): string | undefined {
  let value = member(entry, 'spec')
  for (const step of path) value = member(value, step)
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined
}
