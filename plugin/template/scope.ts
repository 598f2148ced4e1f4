import { bound, listNames } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { PathExpression } from './expression.ts'
import { Missing } from './value.ts'

/** The meaning of names at a point in a template: the context of the block, and the outer scopes. */
export interface Scope {
  readonly values: JsonObject
  readonly context: JsonValue
  readonly outer: Scope | undefined
  /** `@index`, `@key`, `@first`, `@last` */
  readonly loop: Readonly<Record<string, JsonValue>>
  readonly parameters: Readonly<Record<string, JsonValue>>
}

/** The scope outside all blocks: its context has the single member `Values`. */
export function rootScope(values: JsonObject): Scope {
  return { values, context: { Values: values }, outer: undefined, loop: {}, parameters: {} }
}

/** Follows a path by own members only; members that objects inherit do not exist. */
export function lookUp(path: PathExpression, scope: Scope): JsonValue | Missing {
  const start = startOf(path, scope)
  if (start === undefined) return new Missing(path.text, path.offset, 'unknown name')
  let value = start.value
  let walked = start.name
  for (const segment of path.segments) {
    const next = memberOf(value, segment)
    if (next === undefined) return new Missing(path.text, path.offset, describe(walked, value))
    value = next
    walked = `${walked}.${segment}`
  }
  return value
}

function memberOf(value: JsonValue, segment: string): JsonValue | undefined {
  if (isJsonArray(value))
    return /^(?:0|[1-9][0-9]*)$/.test(segment) ? value[Number(segment)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined
}

function describe(walked: string, value: JsonValue): string {
  const path = bound(walked, 120)
  if (!isJsonObject(value)) return `${path} is ${kindOf(value)}`
  const keys = Object.keys(value).sort()
  return keys.length === 0 ? `${path} is empty` : `${path} has ${listNames(keys)}`
}

function startOf(
  path: PathExpression,
  scope: Scope
): { readonly value: JsonValue; readonly name: string } | undefined {
  const { base } = path
  switch (base.kind) {
    case 'values':
      return { value: scope.values, name: '.Values' }
    case 'context': {
      let at: Scope | undefined = scope
      for (let up = base.up; up > 0; up--) at = at?.outer
      return at === undefined ? undefined : { value: at.context, name: 'this' }
    }
    case 'loop':
      return named(scope, 'loop', base.name)
    case 'name':
      return named(scope, 'parameters', base.name) ?? contextMember(scope, base.name)
  }
}

function named(
  scope: Scope,
  table: 'loop' | 'parameters',
  name: string
): { readonly value: JsonValue; readonly name: string } | undefined {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer) {
    if (Object.hasOwn(at[table], name)) return { value: at[table][name] ?? null, name }
  }
  return undefined
}

function contextMember(
  scope: Scope,
  name: string
): { readonly value: JsonValue; readonly name: string } | undefined {
  const value = memberOf(scope.context, name)
  return value === undefined ? undefined : { value, name }
}
