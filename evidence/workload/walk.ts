import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** A value and where it stands, as Kubernetes writes field paths. */
export interface Located {
  readonly field: string
  readonly value: JsonValue
}

/** Nothing real nests a recursive member deeper. */
const maxRecursion = 20

/** Everything that a path of the workload table leads to. */
export function walk(root: JsonValue, path: string): readonly Located[] {
  return path
    .split('.')
    .reduce<readonly Located[]>(
      (found, step) => found.flatMap(at => take(at, step)),
      [{ field: '', value: root }]
    )
}

function take(at: Located, step: string): readonly Located[] {
  const [, name = '', marks = '', recursive] = /^(\w+)((?:\[\]|\{\})*)(?:~(\w+))?$/.exec(step) ?? []
  const value = member(at.value, name)
  if (value === undefined) return []
  const start: Located = { field: at.field === '' ? name : `${at.field}.${name}`, value }
  const taken = (marks.match(/\[\]|\{\}/g) ?? []).reduce<readonly Located[]>(
    (found, mark) => found.flatMap(each => (mark === '[]' ? items(each) : values(each))),
    [start]
  )
  return recursive === undefined ? taken : taken.flatMap(each => descend(each, recursive, 0))
}

function descend(at: Located, name: string, depth: number): readonly Located[] {
  if (depth >= maxRecursion) return [at]
  return [at, ...take(at, `${name}[]`).flatMap(child => descend(child, name, depth + 1))]
}

/** The items of a list. */
export function items({ field, value }: Located): readonly Located[] {
  if (!isJsonArray(value)) return []
  return value.map((item, index) => ({ field: `${field}[${index}]`, value: item }))
}

function values({ field, value }: Located): readonly Located[] {
  if (!isJsonObject(value)) return []
  return Object.entries(value).map(([key, inner]) => ({ field: `${field}[${key}]`, value: inner }))
}
