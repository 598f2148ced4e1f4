import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { member, stringMember } from '../../common/json.ts'
import type { CelEvaluator } from '../cel/evaluator.ts'
import { describeFinding } from '../decision.ts'
import type { Violation } from '../decision.ts'
import { readTrustedKeys } from '../keys/read-trusted-keys.ts'
import { meansKind } from '../policy/kind-name.ts'
import { buildPolicySet } from '../policy/policy-set.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { readPolicySources } from '../policy/policy-source.ts'
import { printable } from '../printable.ts'
import { checkManifests } from './check-manifests.ts'
import { parseManifests, readText } from './input.ts'
import { readPolicyTest } from './policy-test-file.ts'
import type { Expectation, PolicyResult, PolicyTest } from './policy-test-file.ts'
import type { Checked } from './report.ts'

/** The file that makes a folder a policy test. */
export const testFile = 'mlgitops-test.yaml'

/** The result of the policy tests below a folder: one line per expectation, and a summary. */
export interface PolicyTestReport {
  readonly report: string
  readonly isPassed: boolean
}

/**
 * Runs every policy test at or below a folder; symbolic links are not followed. An expectation fails
 * when its policy, its rule or its object does not exist.
 *
 * @param name the folder's name in messages
 * @throws {Fault} `TEST_NONE` for a folder without a test, and whatever prevents a test from running
 */
export async function runPolicyTests(
  folder: string,
  name: string,
  evaluator: CelEvaluator
): Promise<PolicyTestReport> {
  const files = listTests(folder, name)
  if (files.length === 0) {
    throw new Fault('TEST_NONE', `no ${testFile} was found`, { where: name })
  }
  const results: Result[] = []
  for (const file of files) {
    results.push(...(await runTest(path.join(folder, file), path.join(name, file), evaluator)))
  }
  const failed = results.filter(({ isMet }) => !isMet).length
  const lines = results.map(({ line }) => line)
  const report = `${lines.join('\n')}\n${results.length - failed} passed, ${failed} failed\n`
  return { report, isPassed: failed === 0 }
}

function listTests(folder: string, name: string): readonly string[] {
  try {
    if (!statSync(folder).isDirectory()) return []
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => path.basename(file) === testFile)
      .sort()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `the folder cannot be read (${code})`, { where: name })
  }
}

interface Result {
  readonly line: string
  readonly isMet: boolean
}

async function runTest(
  file: string,
  where: string,
  evaluator: CelEvaluator
): Promise<readonly Result[]> {
  const folder = path.dirname(file)
  const test = readPolicyTest(readText(file, where), where)
  const read = (relative: string) => {
    const name = path.join(path.dirname(where), relative)
    return { name, text: readText(path.join(folder, relative), name) }
  }
  const set = readSet(test, read)
  const manifests = test.resources.flatMap(relative => {
    const { name, text } = read(relative)
    return parseManifests(text, name)
  })
  const trustedKeys = readTrustedKeys(test.keys, folder)
  const context = { trustedKeys, now: test.now ?? new Date(), evaluator }
  const checked = await checkManifests(manifests, set, context)
  return test.results.map(expectation => judge(test.name, expectation, { set, checked }))
}

/** Exceptions of every namespace are accepted: a test names the files that it reads. */
function readSet(
  { policies }: PolicyTest,
  read: (relative: string) => { readonly name: string; readonly text: string }
): PolicySet {
  const sources = policies.flatMap(relative => {
    const { name, text } = read(relative)
    return readPolicySources(text, name)
  })
  const namespaces = sources
    .map(({ value }) => stringMember(member(value, 'metadata'), 'namespace'))
    .filter(namespace => namespace !== undefined)
  return buildPolicySet(sources, namespaces)
}

interface CheckedSet {
  readonly set: PolicySet
  readonly checked: readonly Checked[]
}

function judge(test: string, expectation: Expectation, { set, checked }: CheckedSet): Result {
  const target = printable(`${test}: ${describeTarget(expectation)}`)
  const { policy: policyName, rule, result } = expectation
  const policy = set.policies.find(({ name }) => name === policyName)
  if (policy === undefined) return notMet(`${target}: policy not found`)
  if (rule !== undefined && !policy.rules.some(({ name }) => name === rule))
    return notMet(`${target}: rule not found in the policy`)
  const objects = checked.filter(({ decision }) => isMeant(expectation, decision.object))
  if (objects.length === 0) return notMet(`${target}: resource not found`)
  const found = objects.map(object => violationsOf(object, expectation))
  const results = [...new Set(found.map(resultOf))]
  if (results.length === 1 && results[0] === result)
    return { line: `ok ${target}: ${result}`, isMet: true }
  const got = found.flat().map(each => `\n  ${describeViolation(each)}`)
  const others = objects
    .flatMap(object => otherRules(object, expectation))
    .map(each => `\n  another rule: ${describeViolation(each)}`)
  const said = [...got, ...others].join('')
  return notMet(`${target}: expected ${result}, got ${results.join(', ')}${said}`)
}

function describeViolation(violation: Violation): string {
  const { rule, field } = violation
  return printable(`${rule} ${field}: ${describeFinding(violation)}`)
}

/** What other rules of the policy say, so that a test that names the wrong rule shows the right one. */
function otherRules(
  { decision }: Checked,
  { policy, rule, result }: Expectation
): readonly Violation[] {
  if (rule === undefined || result === 'pass') return []
  return decision.violations.filter(each => each.policy === policy && each.rule !== rule)
}

function notMet(text: string): Result {
  return { line: `not ok ${text}`, isMet: false }
}

function describeTarget({ policy, rule, kind, namespace, name, message }: Expectation): string {
  const prefix = namespace === undefined ? '' : `${namespace}/`
  const said = message === undefined ? '' : ` "${message}"`
  return `${policy}${rule === undefined ? '' : `/${rule}`} ${kind ?? '*'} ${prefix}${name ?? '*'}${said}`
}

function isMeant(
  { kind, namespace, name }: Expectation,
  object: Checked['decision']['object']
): boolean {
  const ownName = object.name === '' ? object.generateName : object.name
  return (
    (kind === undefined || isOfKind(kind, object)) &&
    (namespace ?? object.namespace) === object.namespace &&
    (name ?? ownName) === ownName
  )
}

/** A kind alone is one of any group. */
function isOfKind(text: string, object: Checked['decision']['object']): boolean {
  return text.includes('/') ? meansKind(text, object) : text === object.kind
}

/** Returns the violations that an expectation matches. */
function violationsOf(
  { decision }: Checked,
  { policy, rule, message }: Expectation
): readonly Violation[] {
  return decision.violations.filter(
    violation =>
      violation.policy === policy &&
      violation.rule === (rule ?? violation.rule) &&
      (message === undefined || describeFinding(violation).includes(message))
  )
}

function resultOf(violations: readonly Violation[]): PolicyResult {
  const actions = violations.flatMap(violation => violation.actions)
  if (actions.includes('Deny')) return 'deny'
  if (actions.includes('Warn')) return 'warn'
  return actions.includes('Audit') ? 'audit' : 'pass'
}
