import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { UsageError } from '../../common/command.ts'
import { readOptions } from '../../common/options.ts'
import { defaultLimitMs, EvaluatorPool } from '../cel/evaluator-pool.ts'
import type { CelEvaluator } from '../cel/evaluator.ts'
import { readTrustedKeys } from '../keys/read-trusted-keys.ts'
import { readPolicies } from '../policy/folder.ts'
import type { PolicySet } from '../policy/policy-set.ts'
import { checkOptions, checkUsage } from './check-options.ts'
import { checkManifests } from './check-manifests.ts'
import { readManifests } from './input.ts'
import { withReading } from './manifest-reader.ts'
import type { ManifestReader } from './manifest-reader.ts'
import { junitReport } from './junit.ts'
import { buildReport } from './report.ts'
import type { Checked } from './report.ts'
import { sarifReport } from './sarif.ts'
import { runPolicyTests } from './policy-test.ts'
import { textReport } from './text.ts'

type Format = (typeof checkOptions.output.oneOf)[number]

const formats: Readonly<Record<Format, (checked: readonly Checked[], policies: number) => string>> =
  {
    text: textReport,
    json: checked => `${JSON.stringify(buildReport(checked), null, 2)}\n`,
    sarif: sarifReport,
    junit: junitReport
  }

/**
 * Runs `mlgitops check`.
 *
 * @param read reads kinds that policies need not select
 * @throws {Fault} for invalid input, {@link UsageError} for a wrong command line
 */
export async function checkCommand(
  { args, folder }: CommandInput,
  read: ManifestReader
): Promise<CommandResult> {
  const { given, positionals: targets, isHelp, named } = readOptions(checkOptions, { args })
  if (isHelp) return { stdout: checkUsage, stderr: '', exitCode: 0 }
  if (given.test !== undefined) {
    if (targets.length > 0 || named.size > 1)
      throw new UsageError('--test cannot be combined with files or other options')
    const test = given.test
    return withEvaluator(evaluator => testPolicies(test, folder, evaluator))
  }
  if (given.policies.length === 0 && targets.length === 0) throw new UsageError(needsPolicies)
  if (targets.length === 0) throw new UsageError('check needs a file, a folder or -')
  if (targets.filter(target => target === '-').length > 1)
    throw new UsageError('standard input (-) can be read only once')
  // The table has no other values.
  const format = formats[given.output as Format]
  const { checked, policies } = await withEvaluator(evaluator =>
    check({ targets, given, folder, read }, evaluator)
  )
  const isDenied = checked.some(({ decision }) => decision.kind === 'denied')
  return { stdout: format(checked, policies), stderr: '', exitCode: isDenied ? 1 : 0 }
}

const needsPolicies = 'check needs --policies FILE|DIR'

interface Asked {
  readonly targets: readonly string[]
  readonly given: Given
  readonly folder: string
  readonly read: ManifestReader
}

interface Given {
  readonly policies: readonly string[]
  readonly keys: readonly string[]
  readonly 'exception-namespace': readonly string[]
}

async function withEvaluator<Result>(
  action: (evaluator: CelEvaluator) => Promise<Result>
): Promise<Result> {
  const pool = new EvaluatorPool({ size: 1, limitMs: defaultLimitMs })
  try {
    return await action(pool)
  } finally {
    pool.close()
  }
}

/** Without policies only what the reader understands is judged. */
async function check(
  { targets, given, folder, read }: Asked,
  evaluator: CelEvaluator
): Promise<{ readonly checked: readonly Checked[]; readonly policies: number }> {
  const trustedKeys = readTrustedKeys(given.keys, folder)
  const policies = readAsked(given, folder)
  const readings = readManifests(targets, folder, () => readFileSync(0, 'utf8'))
    .map(manifest => ({ manifest, reading: read(manifest.object) }))
    .filter(({ reading }) => policies.policies.length > 0 || reading !== undefined)
  if (readings.length === 0) throw new UsageError(needsPolicies)
  const manifests = readings.map(({ manifest }) => manifest)
  const checked = await checkManifests(manifests, policies, {
    trustedKeys,
    now: new Date(),
    evaluator
  })
  return {
    checked: checked.map((each, index) => withReading(each, readings[index]?.reading)),
    policies: policies.policies.length
  }
}

function readAsked(given: Given, folder: string): PolicySet {
  if (given.policies.length === 0) return { policies: [], exceptions: [] }
  const paths = given.policies.map(name => ({ absolute: path.resolve(folder, name), name }))
  return readPolicies(paths, given['exception-namespace'])
}

async function testPolicies(
  name: string,
  folder: string,
  evaluator: CelEvaluator
): Promise<CommandResult> {
  const { report, isPassed } = await runPolicyTests(path.resolve(folder, name), name, evaluator)
  return { stdout: report, stderr: '', exitCode: isPassed ? 0 : 1 }
}
