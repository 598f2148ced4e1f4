import { bound, listNames } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { PathExpression } from './expression.ts'
import { isEmpty, Missing } from './value.ts'

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
  if (isUnknownName(path, scope)) return new Missing(path.text, path.offset, 'unknown name', 'name')
  const start = startOf(path, scope)
  if (start === undefined) return new Missing(path.text, path.offset, 'unknown name')
  let value = start.value
  let walked = start.name
  for (const segment of path.segments) {
    const next = memberOf(value, segment)
    if (next === undefined) {
      const impossible = canHaveKey(value, segment, path) ? undefined : 'key'
      return new Missing(path.text, path.offset, describe(walked, value), impossible)
    }
    value = next
    walked = `${walked}.${segment}`
  }
  return value
}

/**
 * Whether a path starts with a name that cannot exist, so that its value is not merely absent. An absent
 * field of the object of a block can be optional; not so a name that has a meaning outside of the block.
 */
function isUnknownName(path: PathExpression, scope: Scope): boolean {
  const { base } = path
  switch (base.kind) {
    case 'values':
      return false
    case 'loop':
      return named(scope, 'loop', base.name) === undefined
    case 'context':
      return isUnknownMember(path, scopeAbove(scope, base.up), base.up)
    case 'name': {
      if (startOf(path, scope) !== undefined) return false
      // A block that names its item has its fields below that name.
      const isNamed = Object.keys(scope.parameters).length > 0
      return (
        scope.outer === undefined || isNamed || isMeantElsewhere(base.name, path.segments, scope)
      )
    }
  }
}

/**
 * Whether a value of this kind can have a key that this one lacks. Handlebars knows the length of a list and
 * of a text, and Go refuses a field of a scalar: false would be another answer. The items of a list can be
 * of several kinds, and false, 0 and an empty text stand for nothing.
 */
function canHaveKey(value: JsonValue, key: string, { base }: PathExpression): boolean {
  if (isJsonArray(value)) return isIndex(key)
  if (typeof value === 'string' && key === 'length') return false
  return base.kind !== 'values' || isJsonObject(value) || isEmpty(value)
}

function isUnknownMember(path: PathExpression, at: Scope | undefined, up: number): boolean {
  const [first, ...rest] = path.segments
  if (at === undefined) return true
  if (first === undefined || memberOf(at.context, first) !== undefined) return false
  if (at.outer === undefined) return true
  return up === 0 && path.text.startsWith('.') && isMeantElsewhere(first, rest, at)
}

/** Whether a name that the context of a block does not have is one of the values or of an outer block. */
function isMeantElsewhere(name: string, rest: readonly string[], scope: Scope): boolean {
  if (!isJsonObject(scope.context) || name === '$') return true
  if (rest.length > 0 && /^(?:values|V\w*)$/.test(name)) return true
  for (let at: Scope | undefined = scope; at !== undefined; at = at.outer)
    if (at !== scope && memberOf(at.context, name) !== undefined) return true
  return memberOf(scope.values, name) !== undefined
}

function scopeAbove(scope: Scope, up: number): Scope | undefined {
  let at: Scope | undefined = scope
  for (let left = up; left > 0; left--) at = at?.outer
  return at
}

function memberOf(value: JsonValue, segment: string): JsonValue | undefined {
  if (isJsonArray(value)) return isIndex(segment) ? value[Number(segment)] : undefined
  return isJsonObject(value) && Object.hasOwn(value, segment) ? value[segment] : undefined
}

function isIndex(segment: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(segment)
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
      const at = scopeAbove(scope, base.up)
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
