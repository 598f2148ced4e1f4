import { isJsonArray, isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { SchemaRun } from './application.ts'
import { references } from './document.ts'
import { isSchema } from './schema.ts'
import type { Schema } from './schema.ts'

const lists = ['allOf', 'anyOf', 'oneOf'] as const
const conditions = ['then', 'else'] as const
const maxSchemas = 1_000

/** The schemas that can apply to a member or an item of a value to which `schemas` can apply. */
export function schemasBelow(
  schemas: readonly Schema[],
  key: string | number,
  run: SchemaRun
): readonly Schema[] {
  const below = alternatives(schemas, run).flatMap(schema =>
    typeof key === 'number' ? itemSchemas(schema, key) : memberSchemas(schema, key, run)
  )
  return below.filter(isSchema)
}

/** The names of the types that schemas give: by `type`, else by `enum` and `const`; without one, empty. */
export function typesOf(schemas: readonly Schema[], run: SchemaRun): ReadonlySet<string> {
  const types = alternatives(schemas, run).flatMap(schema => {
    if (schema.type !== undefined) return isJsonArray(schema.type) ? schema.type : [schema.type]
    const values = isJsonArray(schema.enum) ? schema.enum : []
    return [...values, ...(schema.const === undefined ? [] : [schema.const])].map(typeName)
  })
  return new Set(types.filter(type => typeof type === 'string'))
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null'
  if (isJsonArray(value)) return 'array'
  if (typeof value === 'number' || typeof value === 'bigint') return 'number'
  return typeof value
}

/** The schemas with everything that they refer to and combine. */
function alternatives(schemas: readonly Schema[], run: SchemaRun): readonly JsonObject[] {
  const found = new Set<JsonObject>()
  const pending = [...schemas]
  for (let schema = pending.pop(); schema !== undefined; schema = pending.pop()) {
    if (!isJsonObject(schema) || found.has(schema) || found.size >= maxSchemas) continue
    found.add(schema)
    for (const keyword of references) {
      const target = schema[keyword]
      if (typeof target === 'string') pending.push(run.resolve(target, schema))
    }
    for (const keyword of lists) {
      const list = schema[keyword]
      if (isJsonArray(list)) pending.push(...list.filter(isSchema))
    }
    for (const keyword of conditions) {
      const inner = schema[keyword]
      if (isSchema(inner)) pending.push(inner)
    }
  }
  return [...found]
}

function memberSchemas(
  schema: JsonObject,
  key: string,
  run: SchemaRun
): readonly (JsonValue | undefined)[] {
  const { properties, patternProperties } = schema
  const named = isJsonObject(properties) && Object.hasOwn(properties, key) ? [properties[key]] : []
  const matching = isJsonObject(patternProperties)
    ? Object.entries(patternProperties).filter(([pattern]) => run.isFound(pattern, key))
    : []
  const known = [...named, ...matching.map(([, inner]) => inner)]
  return known.length > 0 ? known : [schema.additionalProperties, schema.unevaluatedProperties]
}

function itemSchemas(schema: JsonObject, index: number): readonly (JsonValue | undefined)[] {
  const { items, prefixItems } = schema
  const first = isJsonArray(prefixItems) ? prefixItems : isJsonArray(items) ? items : []
  if (index < first.length) return [first[index]]
  return isJsonArray(items) ? [schema.additionalItems] : [items, schema.unevaluatedItems]
}
