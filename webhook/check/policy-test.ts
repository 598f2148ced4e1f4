import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault, listNames } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { readTrustedKeys } from '../options.ts'
import { buildPolicySet } from '../policy/policy-set.ts'
import { parseManifests } from './input.ts'
import { checkManifests } from './check-manifests.ts'
import type { Checked } from './report.ts'

/** The file that makes a folder a policy test. */
export const testFile = 'mlgitops-test.yaml'

const outcomes = ['pass', 'deny', 'warn', 'audit'] as const
type Outcome = (typeof outcomes)[number]

interface Expectation {
  readonly policy: string
  readonly rule?: string
  readonly kind?: string
  readonly name?: string
  readonly result: Outcome
}

interface PolicyTest {
  readonly name: string
  readonly policies: readonly string[]
  readonly resources: readonly string[]
  readonly keys: readonly string[]
  readonly now: Date
  readonly results: readonly Expectation[]
}

/** Runs every policy test at or below a folder. A folder without one fails: it would test nothing. */
export function runPolicyTests(
  folder: string,
  name: string
): { readonly report: string; readonly isPassed: boolean } {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(file => path.basename(file) === testFile)
    .sort()
  if (files.length === 0) {
    throw new Fault('TEST_NONE', `there is no ${testFile}`, { where: name })
  }
  const lines = files.flatMap(file => runTest(path.join(folder, file), path.join(name, file)))
  const failed = lines.filter(line => line.startsWith('not ok')).length
  const report = `${lines.join('\n')}\n${lines.length - failed} passed, ${failed} failed\n`
  return { report, isPassed: failed === 0 }
}

function runTest(file: string, where: string): readonly string[] {
  const test = readTest(file, where)
  const folder = path.dirname(file)
  const read = (relative: string) => readFileSync(path.join(folder, relative), 'utf8')
  const sources = test.policies.flatMap(relative =>
    readYaml(read(relative), { file: relative })
      .filter(({ value }) => value !== null)
      .map(({ value }) => ({ value, where: relative }))
  )
  const namespaces = sources
    .map(({ value }) => stringMember(member(value, 'metadata'), 'namespace'))
    .filter(namespace => namespace !== undefined)
  const set = buildPolicySet(sources, namespaces)
  const manifests = test.resources.flatMap(relative => parseManifests(read(relative), relative))
  const trustedKeys = readTrustedKeys(test.keys, folder)
  const checked = checkManifests(manifests, set, { trustedKeys, now: test.now })
  return test.results.map(expectation => describe(test.name, expectation, checked))
}

function describe(test: string, expectation: Expectation, checked: readonly Checked[]): string {
  const { policy, rule, kind, name, result } = expectation
  const objects = checked.filter(
    ({ decision: { object } }) =>
      (kind ?? object.kind) === object.kind && (name ?? object.name) === object.name
  )
  const target = `${test}: ${policy}${rule === undefined ? '' : `/${rule}`} ${kind ?? '*'}/${name ?? '*'}`
  if (objects.length === 0) return `not ok ${target}: no such resource`
  const found = [...new Set(objects.map(object => outcomeOf(object, policy, rule)))]
  const isMet = found.length === 1 && found[0] === result
  return isMet
    ? `ok ${target}: ${result}`
    : `not ok ${target}: expected ${result}, got ${found.join(', ')}`
}

function outcomeOf({ decision }: Checked, policy: string, rule: string | undefined): Outcome {
  const actions = decision.violations
    .filter(violation => violation.policy === policy && (rule ?? violation.rule) === violation.rule)
    .flatMap(violation => violation.actions)
  if (actions.includes('Deny')) return 'deny'
  if (actions.includes('Warn')) return 'warn'
  return actions.includes('Audit') ? 'audit' : 'pass'
}

function readTest(file: string, where: string): PolicyTest {
  const [document] = readYaml(readFileSync(file, 'utf8'), { file: where })
  const value = document?.value
  const known = ['apiVersion', 'kind', 'name', 'policies', 'resources', 'keys', 'now', 'results']
  const unknown = isJsonObject(value)
    ? Object.keys(value).filter(key => !known.includes(key))
    : ['']
  const results = member(value, 'results')
  const now = new Date(stringMember(value, 'now') ?? Date.now())
  const isUsable = isJsonArray(results) && results.length > 0 && !Number.isNaN(now.getTime())
  if (unknown.length > 0 || !isUsable) {
    throw new Fault('TEST_INVALID', 'this is no policy test', {
      where,
      expected: `an object with ${listNames(known)}, results not empty`
    })
  }
  return {
    name: stringMember(value, 'name') ?? path.basename(path.dirname(file)),
    policies: texts(value, 'policies', where),
    resources: texts(value, 'resources', where),
    keys: member(value, 'keys') === undefined ? [] : texts(value, 'keys', where),
    now,
    results: results.map(each => readExpectation(each, where))
  }
}

function texts(value: JsonValue | undefined, key: string, where: string): readonly string[] {
  const list = member(value, key)
  if (isJsonArray(list) && list.every(item => typeof item === 'string')) return list
  throw new Fault('TEST_INVALID', `${key} has to be a list of file names`, { where })
}

function readExpectation(value: JsonValue, where: string): Expectation {
  const policy = stringMember(value, 'policy')
  const result = outcomes.find(outcome => outcome === stringMember(value, 'result'))
  if (policy === undefined || result === undefined) {
    throw new Fault('TEST_INVALID', 'a result has to have a policy and a result', {
      where,
      expected: `result: one of ${outcomes.join(', ')}`
    })
  }
  const optional = ['rule', 'kind', 'name'].flatMap(key => {
    const text = stringMember(value, key)
    return text === undefined ? [] : [[key, text]]
  })
  return { policy, result, ...(Object.fromEntries(optional) as JsonObject) }
}
