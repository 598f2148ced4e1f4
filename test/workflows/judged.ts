import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { render, TestRepository } from '../plugin/repository.ts'

const keys = t.testdir()
await run({ args: ['keygen', '--out-dir', keys], env: {}, folder: keys })

/** A policy of these rules for everything that runs. */
const policy = (rules: string) => `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: judged }
spec:
  validationActions: [Deny]
  matchConstraints: { roles: [train, serve, pipeline, run] }
  rules: ${rules}
`

/** A repository with a policy, and labelled predictions outside of its work tree. */
export function judgedRepository(
  t: Pick<Test, 'teardown'>,
  rules: string,
  files: Readonly<Record<string, string>>
): TestRepository {
  const repository = new TestRepository({ ...files, 'policies/judged.yaml': policy(rules) })
  writeFileSync(path.join(repository.folder, '.git/data.csv'), 'y,p,g\n1,1,A\n0,0,B\n')
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

/** Runs `mlgitops audit` for an application path and writes the audit into it. */
export function auditPath(
  { folder }: TestRepository,
  target: string,
  ...more: readonly string[]
): ReturnType<typeof run> {
  const labelled = ['--label', 'y', '--prediction', 'p', '--sensitive', 'g', '--auditor', 'Lab']
  const out = ['--path', target, '--out', `${target}/bias_audit.md`]
  return run({ args: ['audit', '.git/data.csv', ...labelled, ...out, ...more], env: {}, folder })
}

/** Renders a path, signed, and returns the violations, as `Kind: problem`. */
export async function denials(
  { folder }: TestRepository,
  target: string,
  ...more: readonly string[]
): Promise<readonly string[]> {
  const key = path.join(keys, 'signing.key')
  const { stdout, stderr } = await render(folder, target, '--key', key, ...more)
  if (stderr !== '') throw new Error(stderr)
  const manifests = path.join(keys, 'manifests.yaml')
  writeFileSync(manifests, stdout)
  const trusted = ['--keys', path.join(keys, 'signing.pub'), '--output', 'json']
  const args = ['check', manifests, '--policies', 'policies', ...trusted]
  const report = await run({ args, env: {}, folder })
  const { results } = JSON.parse(report.stdout) as { readonly results: readonly Result[] }
  return results.map(({ object, message }) => `${object.kind}: ${message.split('; ')[0] ?? ''}`)
}

interface Result {
  readonly object: { readonly kind: string }
  readonly message: string
}
