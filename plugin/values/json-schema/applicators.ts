import { bound } from '../../../common/fault.ts'
import { isJsonArray, isJsonObject } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { references } from './document.ts'
import { isSchema } from './schema.ts'
import type { Schema } from './schema.ts'
import { assertions } from './assertions.ts'
import { addFindings, adopt, fail, fits } from './application.ts'
import type { Application, Keyword } from './application.ts'

/** Keywords that apply schemas. The keywords of all drafts from 7 work in every schema. */
export const applicators: Readonly<Record<string, Keyword>> = {
  ...Object.fromEntries(references.map(keyword => [keyword, reference])),
  allOf: (argument, at) => {
    for (const schema of schemasOf(argument)) adopt(at, again(schema, at))
  },
  anyOf: (argument, at) => {
    const fitting = schemasOf(argument)
      .map(schema => again(schema, at))
      .filter(fits)
    for (const result of fitting) adopt(at, result)
    if (fitting.length === 0) fail(at, 'must match a schema in anyOf')
  },
  oneOf: (argument, at) => {
    const fitting = schemasOf(argument)
      .map(schema => again(schema, at))
      .filter(fits)
    const [only] = fitting
    if (only !== undefined && fitting.length === 1) adopt(at, only)
    else fail(at, `must match exactly one schema in oneOf, and matches ${fitting.length}`)
  },
  not: (argument, at) => {
    if (isSchema(argument) && fits(again(argument, at)))
      fail(at, 'must not match the schema in not')
  },
  if: (argument, at) => {
    if (!isSchema(argument)) return
    const result = again(argument, at)
    if (fits(result)) adopt(at, result)
    const branch = fits(result) ? at.schema.then : at.schema.else
    if (isSchema(branch)) adopt(at, again(branch, at))
  },
  properties: (argument, at) => {
    each(at, (key, value) => {
      const schema =
        isJsonObject(argument) && Object.hasOwn(argument, key) ? argument[key] : undefined
      return isSchema(schema) ? { schema, value } : undefined
    })
  },
  patternProperties: (argument, at) => {
    for (const [pattern, schema] of Object.entries(isJsonObject(argument) ? argument : {})) {
      each(at, (key, value) =>
        isSchema(schema) && at.run.isFound(pattern, key) ? { schema, value } : undefined
      )
    }
  },
  additionalProperties: (argument, at) => {
    const { properties = {}, patternProperties = {} } = at.schema
    const patterns = Object.keys(patternProperties ?? {})
    each(at, (key, value) => {
      const isNamed = isJsonObject(properties) && Object.hasOwn(properties, key)
      const isOther = !isNamed && !patterns.some(pattern => at.run.isFound(pattern, key))
      return isOther && isSchema(argument) ? { schema: argument, value } : undefined
    })
  },
  propertyNames: (argument, at) => {
    if (!isJsonObject(at.value) || !isSchema(argument)) return
    for (const key of Object.keys(at.value)) {
      addFindings(at.result, at.run.apply(argument, key, memberPath(at.path, key)))
    }
  },
  dependentSchemas: dependencies,
  dependencies,
  prefixItems: (argument, at) => {
    eachItem(at, 0, index => schemasOf(argument)[index])
  },
  items: (argument, at) => {
    const start = schemasOf(at.schema.prefixItems ?? null).length
    if (isJsonArray(argument)) eachItem(at, 0, index => schemasOf(argument)[index])
    else eachItem(at, start, () => (isSchema(argument) ? argument : undefined))
  },
  additionalItems: (argument, at) => {
    const { items } = at.schema
    if (!isJsonArray(items)) return
    eachItem(at, items.length, () => (isSchema(argument) ? argument : undefined))
  },
  contains
}

/** Keywords for members and items that no other keyword evaluated; they run last. */
export const unevaluated: Readonly<Record<string, Keyword>> = {
  unevaluatedProperties: (argument, at) => {
    const seen = new Set(at.result.seen)
    each(at, (key, value) =>
      isSchema(argument) && !seen.has(key) ? { schema: argument, value } : undefined
    )
  },
  unevaluatedItems: (argument, at) => {
    const seen = new Set(at.result.seen)
    eachItem(at, 0, index => (isSchema(argument) && !seen.has(index) ? argument : undefined))
  }
}

function reference(argument: JsonValue, at: Application): void {
  if (typeof argument !== 'string') return
  adopt(at, again(at.run.resolve(argument, at.schema), at))
}

function dependencies(argument: JsonValue, at: Application): void {
  if (!isJsonObject(argument) || !isJsonObject(at.value)) return
  for (const [key, needed] of Object.entries(argument)) {
    if (!Object.hasOwn(at.value, key)) continue
    if (isSchema(needed)) adopt(at, again(needed, at))
    else assertions.required?.(needed, at)
  }
}

function contains(argument: JsonValue, at: Application): void {
  if (!isJsonArray(at.value) || !isSchema(argument)) return
  const found = at.value.flatMap((item, index) =>
    fits(at.run.apply(argument, item, at.path)) ? [index] : []
  )
  for (const index of found) at.result.seen.add(index)
  const least = Number(at.schema.minContains ?? 1)
  const most = Number(at.schema.maxContains ?? Infinity)
  if (found.length < least) fail(at, `must have at least ${least} items that match contains`)
  if (found.length > most) fail(at, `must have at most ${most} items that match contains`)
}

function again(schema: Schema, { value, path, run }: Application) {
  return run.apply(schema, value, path)
}

function schemasOf(argument: JsonValue): readonly Schema[] {
  return isJsonArray(argument) ? argument.filter(isSchema) : []
}

/** Applies to each member the schema that `choose` returns for it. */
function each(
  { value: object, path, result, run }: Application,
  choose: (key: string, value: JsonValue) => { schema: Schema; value: JsonValue } | undefined
): void {
  if (!isJsonObject(object)) return
  for (const [key, value] of Object.entries<JsonObject[string]>(object)) {
    const chosen = choose(key, value)
    if (chosen === undefined) continue
    result.seen.add(key)
    addFindings(result, run.apply(chosen.schema, chosen.value, memberPath(path, key)))
  }
}

function eachItem(
  { value: list, path, result, run }: Application,
  start: number,
  choose: (index: number) => Schema | undefined
): void {
  if (!isJsonArray(list)) return
  for (let index = start; index < list.length; index++) {
    const schema = choose(index)
    if (schema === undefined) continue
    result.seen.add(index)
    addFindings(result, run.apply(schema, list[index] ?? null, `${path}.${index}`))
  }
}

function memberPath(path: string, key: string): string {
  return `${path}.${bound(key, 80)}`
}
