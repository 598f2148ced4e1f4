import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { TestRepository } from './repository.ts'

/** The output of `mlgitops digest`: the digest or the error. */
export async function digest(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await run({ args: ['digest', ...args], env: {}, folder })
  return (stdout + stderr).replace(/\n$/, '')
}

/** The digest by coreutils alone, without the given files. */
export function byCoreutils(folder: string, left: readonly string[] = ['bias_audit.md']): string {
  const excluded = left.map(file => `! -path './${file}'`).join(' ')
  const find = `find . -name .git -prune -o -type f ${excluded} -printf '%P\\0'`
  const text = `${find} | LC_ALL=C sort -z | xargs -0 sha256sum -- | sha256sum`
  const printed = execFileSync('sh', ['-c', text], { cwd: folder, encoding: 'utf8' })
  return `sha256:${printed.slice(0, 64)}`
}

/** A repository that is removed with the test. */
export function repositoryOf(t: Test, files: Readonly<Record<string, string>>): TestRepository {
  const repository = new TestRepository(files)
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

/** A copy of the files without Git, as in Flux and an export. */
export function exported(t: Test, { folder }: TestRepository): string {
  const copy = mkdtempSync(path.join(tmpdir(), 'mlgitops-export-'))
  t.teardown(() => {
    rmSync(copy, { recursive: true })
  })
  execFileSync('sh', ['-c', `git archive HEAD | tar -x -C ${copy}`], { cwd: folder })
  return copy
}
