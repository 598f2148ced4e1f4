import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { MemberPath } from './looks.ts'

/** Keywords that say nothing about the value itself. */
const silent = new Set([
  'title',
  'description',
  '$comment',
  '$schema',
  '$id',
  '$defs',
  'definitions'
])

/**
 * Returns the paths that a JSON Schema looks at: as deep as it has nothing but `properties` and
 * `required`, and everything below any other keyword.
 */
export function pathsOfSchema(schema: JsonObject): readonly MemberPath[] {
  // An object of the API is always a mapping.
  return pathsBelow({ ...schema, type: 'object' }, [])
}

function pathsBelow(schema: JsonValue, path: MemberPath): readonly MemberPath[] {
  if (schema === true) return []
  if (!isJsonObject(schema)) return [path]
  const isRoot = path.length === 0
  const isPlain = Object.keys(schema).every(
    key => silent.has(key) || ['properties', 'required'].includes(key) || (isRoot && key === 'type')
  )
  const { properties, required } = schema
  if (!isPlain) return [path]
  const names = isJsonArray(required) ? required.filter(name => typeof name === 'string') : []
  const members = isJsonObject(properties) ? Object.entries(properties) : []
  return [
    ...names.map(name => [...path, name]),
    ...members.flatMap(([name, inner]) => pathsBelow(inner, [...path, name]))
  ]
}
