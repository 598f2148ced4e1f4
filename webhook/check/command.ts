import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { UsageError } from '../../common/command.ts'
import { parseCommandLine } from '../../common/command-line.ts'
import { defaultLimitMs, EvaluatorPool } from '../cel/evaluator-pool.ts'
import type { CelEvaluator } from '../cel/evaluator.ts'
import { readTrustedKeys } from '../options.ts'
import { readPolicyFolder } from '../policy/folder.ts'
import { checkManifests } from './check-manifests.ts'
import { readManifests } from './input.ts'
import { junitReport } from './junit.ts'
import { buildReport } from './report.ts'
import type { Checked } from './report.ts'
import { sarifReport } from './sarif.ts'
import { runPolicyTests } from './policy-test.ts'
import { textReport } from './text.ts'

/** What `mlgitops check --help` prints. */
export const checkUsage = `Usage: mlgitops check [FILE|DIR|-]... --policies DIR [options]
       mlgitops check --test DIR

Judges manifests as the admission webhook would, without a cluster.

  --policies DIR              ModelPolicy files (and PolicyException files)
  --keys FILE|DIR             a public key that is trusted (mlgitops keygen), or a folder of *.pub;
                              may be repeated
  --exception-namespace NS    exceptions of this namespace count; may be repeated
  --output FORMAT             text (default), json, sarif or junit
  --test DIR                  run the policy tests below DIR (folders with mlgitops-test.yaml)
  --help

Exit codes: 0 nothing is denied, 1 something is (or the input has a fault), 2 wrong usage.
`

const options = {
  policies: { type: 'string' },
  keys: { type: 'string', multiple: true },
  'exception-namespace': { type: 'string', multiple: true },
  output: { type: 'string' },
  test: { type: 'string' },
  help: { type: 'boolean' }
} as const

const formats = new Map<string, (checked: readonly Checked[]) => string>([
  ['text', textReport],
  ['json', checked => `${JSON.stringify(buildReport(checked), null, 2)}\n`],
  ['sarif', sarifReport],
  ['junit', junitReport]
])

/**
 * `mlgitops check`.
 *
 * @throws {Fault} for the input, {@link UsageError} for the command line
 */
export async function checkCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { values: given, positionals: targets } = parse(args)
  if (given.help === true) return { stdout: checkUsage, stderr: '', exitCode: 0 }
  if (given.test !== undefined) {
    if (targets.length > 0 || Object.keys(given).length > 1)
      throw new UsageError('--test goes with nothing else')
    const test = given.test
    return withEvaluator(evaluator => testPolicies(test, folder, evaluator))
  }
  if (given.policies === undefined) throw new UsageError('check needs --policies DIR')
  if (targets.length === 0) throw new UsageError('check needs a file, a folder or -')
  if (targets.filter(target => target === '-').length > 1)
    throw new UsageError('standard input (-) can be read once')
  const format = formats.get(given.output ?? 'text')
  if (format === undefined)
    throw new UsageError(`--output is one of ${[...formats.keys()].join(', ')}`)
  const known = { ...given, policies: given.policies }
  const checked = await withEvaluator(evaluator => check(targets, known, folder, evaluator))
  const isDenied = checked.some(({ decision }) => decision.kind === 'denied')
  return { stdout: format(checked), stderr: '', exitCode: isDenied ? 1 : 0 }
}

interface Given {
  readonly policies: string
  readonly keys?: readonly string[]
  readonly 'exception-namespace'?: readonly string[]
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

async function check(
  targets: readonly string[],
  given: Given,
  folder: string,
  evaluator: CelEvaluator
): Promise<readonly Checked[]> {
  const trustedKeys = readTrustedKeys(given.keys ?? [], folder)
  const policies = readPolicyFolder(
    path.resolve(folder, given.policies),
    given.policies,
    given['exception-namespace'] ?? []
  )
  const manifests = readManifests(targets, folder, () => readFileSync(0, 'utf8'))
  return checkManifests(manifests, policies, { trustedKeys, now: new Date(), evaluator })
}

async function testPolicies(
  name: string,
  folder: string,
  evaluator: CelEvaluator
): Promise<CommandResult> {
  const { report, isPassed } = await runPolicyTests(path.resolve(folder, name), name, evaluator)
  return { stdout: report, stderr: '', exitCode: isPassed ? 0 : 1 }
}

function parse(args: readonly string[]) {
  return parseCommandLine({ args: [...args], options, allowPositionals: true })
}
