import path from 'node:path'
import { bound, Fault, listNames } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'

const policyResults = ['pass', 'deny', 'warn', 'audit'] as const

/** A policy's result for an object: its strongest action, or `pass`. */
export type PolicyResult = (typeof policyResults)[number]

/** The result that a policy must have for every matching object. An absent field matches any. */
export interface Expectation {
  readonly policy: string
  /** Only violations of the rule with this name are counted. */
  readonly rule?: string
  /** `KIND` of any group, or `GROUP/KIND`. */
  readonly kind?: string
  readonly namespace?: string
  /** The name or, if it is generated, `generateName`. */
  readonly name?: string
  /** Only violations whose message contains this text are counted. */
  readonly message?: string
  readonly result: PolicyResult
}

/** A policy test. File names are relative to its folder. */
export interface PolicyTest {
  readonly name: string
  readonly policies: readonly string[]
  readonly resources: readonly string[]
  /** Public keys that are trusted. */
  readonly keys: readonly string[]
  /** The time at which ages are measured; the current time when absent. */
  readonly now?: Date
  /** Not empty. */
  readonly results: readonly Expectation[]
}

const apiVersion = 'mlgitops.io/v1alpha1'
const kind = 'PolicyTest'
const known = ['apiVersion', 'kind', 'name', 'policies', 'resources', 'keys', 'now', 'results']
const optional = ['rule', 'kind', 'namespace', 'name', 'message'] as const

/**
 * Reads a policy test. Unknown fields are refused: a misspelled field would make an expectation match
 * more than it says.
 *
 * @throws {Fault} of YAML, and `TEST_INVALID`
 */
export function readPolicyTest(text: string, where: string): PolicyTest {
  const documents = readYaml(text, { file: where }).filter(({ value }) => value !== null)
  const value = documents[0]?.value
  if (documents.length !== 1 || !isJsonObject(value))
    throw invalid(where, 'this is not a policy test', `one object with ${listNames(known)}`)
  refuseUnknown(value, known, where)
  if ((member(value, 'apiVersion') ?? apiVersion) !== apiVersion)
    throw invalid(where, 'unknown apiVersion', apiVersion)
  if ((member(value, 'kind') ?? kind) !== kind) throw invalid(where, 'unknown kind', kind)
  const results = member(value, 'results')
  if (!isJsonArray(results) || results.length === 0)
    throw invalid(where, 'results must be a non-empty list')
  return {
    name: textOf(value, 'name', where) ?? path.basename(path.dirname(where)),
    policies: texts(value, 'policies', where),
    resources: texts(value, 'resources', where),
    keys: member(value, 'keys') === undefined ? [] : texts(value, 'keys', where),
    ...timeOf(value, where),
    results: results.map((each, index) => readExpectation(each, `${where}: results[${index}]`))
  }
}

function timeOf(value: JsonValue, where: string): { readonly now?: Date } {
  const text = textOf(value, 'now', where)
  if (text === undefined) return {}
  const now = new Date(text)
  if (!Number.isNaN(now.getTime())) return { now }
  throw invalid(where, 'now must be a time', 'such as 2026-11-24T12:00:00Z')
}

function readExpectation(value: JsonValue, where: string): Expectation {
  if (!isJsonObject(value)) throw invalid(where, 'this is not a result', 'an object')
  refuseUnknown(value, ['policy', 'result', ...optional], where)
  const policy = textOf(value, 'policy', where)
  const result = policyResults.find(known => known === stringMember(value, 'result'))
  if (policy === undefined) throw invalid(where, 'a result must name a policy')
  if (result === undefined) throw unknownResult(value, where)
  const parts = optional.flatMap(key => {
    const text = textOf(value, key, where)
    return text === undefined ? [] : [[key, text] as const]
  })
  return { policy, result, ...Object.fromEntries(parts) }
}

function unknownResult(value: JsonValue, where: string): Fault {
  const found = member(value, 'result')
  return new Fault('TEST_INVALID', 'a result must have a known result', {
    where,
    found: typeof found === 'string' ? JSON.stringify(bound(found, 80)) : kindOf(found),
    expected: `one of ${policyResults.join(', ')}`
  })
}

function refuseUnknown(value: JsonValue, names: readonly string[], where: string): void {
  const unknown = isJsonObject(value) ? Object.keys(value).filter(key => !names.includes(key)) : []
  if (unknown.length === 0) return
  throw new Fault('TEST_INVALID', 'unknown field', {
    where,
    found: listNames(unknown),
    expected: listNames(names)
  })
}

function textOf(value: JsonValue, key: string, where: string): string | undefined {
  const text = member(value, key)
  if (text === undefined || typeof text === 'string') return text
  throw new Fault('TEST_INVALID', `${key} must be a string`, { where, found: kindOf(text) })
}

function texts(value: JsonValue, key: string, where: string): readonly string[] {
  const list = member(value, key)
  if (isJsonArray(list) && list.length > 0 && list.every(item => typeof item === 'string'))
    return list
  throw invalid(where, `${key} must be a non-empty list of file names`)
}

function invalid(where: string, message: string, expected?: string): Fault {
  return new Fault(
    'TEST_INVALID',
    message,
    expected === undefined ? { where } : { where, expected }
  )
}
