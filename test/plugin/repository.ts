import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from '../../bin/run.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { member } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'

// Every test file that imports this creates repositories: without git the process is skipped. The plan is
// written by hand, because this module serves several test files (test/groups) and so has no test of its own.
if (spawnSync('git', ['--version']).error !== undefined) {
  process.stdout.write(
    'TAP version 14\n# SKIPPED: git was not found, and every test of this file creates repositories\n1..0 # git was not found\n'
  )
  process.exit(0)
}

/** A Git repository in a temporary folder. */
export class TestRepository {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-test-'))

  constructor(files: Readonly<Record<string, string>>) {
    this.write(files)
    this.git('-c', 'init.defaultBranch=main', 'init', '--quiet')
    this.commit()
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true })
      writeFileSync(path.join(this.folder, file), content)
    }
  }

  /** Commits everything; returns the commit ID, which depends only on files and parents. */
  commit(message = 'x'): string {
    this.git('add', '--all')
    this.git('commit', '--quiet', '--allow-empty', '--message', message)
    return this.git('rev-parse', 'HEAD')
  }

  git(...args: readonly string[]): string {
    const date = '2026-11-02T09:00:00Z'
    const names = {
      GIT_AUTHOR_NAME: 'T',
      GIT_AUTHOR_EMAIL: 't@t',
      GIT_COMMITTER_NAME: 'T',
      GIT_COMMITTER_EMAIL: 't@t',
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date
    }
    const env = { PATH: process.env.PATH, HOME: this.folder, GIT_CONFIG_NOSYSTEM: '1', ...names }
    return execFileSync('git', args, {
      cwd: this.folder,
      env,
      encoding: 'utf8',
      stdio: 'pipe'
    }).trim()
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A ConfigMap with one line of data. */
export const configMap = (data: string, name = 'x'): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`

/** Runs `mlgitops render` in a folder, without Argo CD. */
export const render = (folder: string, ...args: string[]) =>
  run({ args: ['render', ...args], env: {}, folder })

/** The objects in what a render printed. */
export const objects = (text: string): readonly JsonObject[] =>
  readYaml(text, { file: 'stdout' }).map(({ value }) => value as JsonObject)

/** The annotations of an object. */
export const annotationsOf = (object: JsonValue | undefined): Readonly<Record<string, string>> =>
  member(member(object, 'metadata'), 'annotations') as Record<string, string>
