import { execFileSync } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import type { JsonObject } from '../../common/json.ts'
import type { BiasAudit } from '../../evidence/bias-audit/bias-audit.ts'
import { parseBiasAudit } from '../../evidence/bias-audit/parse.ts'
import { run } from '../run.ts'

const example = path.join(import.meta.dirname, '../../manifests/examples/mlops-repo')

/** Application paths of the example repository. */
export const models = ['models/churn-prediction', 'models/sentiment', 'models/recommender'] as const

/** The digest of the model of an application path. @throws {Error} if it has none */
export async function digestOf(folder: string, application: string): Promise<string> {
  const { stdout, stderr } = await run({ args: ['digest', application], env: {}, folder })
  if (stdout === '') throw new Error(stderr)
  return stdout.trim()
}

/** A copy of the example repository as a Git work tree. */
export class DemoRepository {
  readonly folder: string

  constructor(folder: string) {
    this.folder = folder
    cpSync(example, folder, { recursive: true })
    this.#git('-c', 'init.defaultBranch=main', 'init', '--quiet')
    this.#git('config', 'remote.origin.url', 'https://git.example.com/acme/mlops-repo.git')
  }

  /** Commits everything, with a fixed author and date: the same files make the same commit everywhere. */
  commit(message: string): string {
    this.#git('add', '--all')
    this.#git('commit', '--quiet', '--message', message)
    return this.head()
  }

  /** The commit of the branch. */
  head(): string {
    return this.#git('rev-parse', 'HEAD')
  }

  /** Reverts the newest commit. */
  revert(): void {
    this.#git('revert', '--no-edit', 'HEAD')
  }

  /** Changes a file. @throws {Error} if nothing changes */
  edit(file: string, change: (text: string) => string): void {
    const name = path.join(this.folder, file)
    const text = readFileSync(name, 'utf8')
    const changed = change(text)
    if (changed === text) throw new Error(`${file} is unchanged`)
    writeFileSync(name, changed)
  }

  /** The audit of a model; undefined if it has none. */
  readAudit(application: string): BiasAudit | undefined {
    const file = this.#auditFile(application)
    try {
      return parseBiasAudit(readFileSync(file, 'utf8'), 'bias_audit.md')
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Replaces a model's audit, or removes it. */
  writeAudit(application: string, audit: BiasAudit | undefined): void {
    const file = this.#auditFile(application)
    if (audit === undefined) {
      rmSync(file, { force: true })
      return
    }
    const header = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'BiasAudit', ...audit }
    const frontMatter = writeYaml(header as unknown as JsonObject)
    writeFileSync(file, `---\n${frontMatter}---\n# Bias audit: ${audit.model.name}\n`)
  }

  #auditFile(application: string): string {
    return path.join(this.folder, application, 'bias_audit.md')
  }

  #git(...args: readonly string[]): string {
    const [name, email, date] = ['Example', 'example@example.com', '2026-11-02T09:00:00Z']
    const env = {
      PATH: process.env.PATH,
      HOME: this.folder,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
      GIT_COMMITTER_DATE: date
    }
    const options = { cwd: this.folder, env, encoding: 'utf8', stdio: 'pipe' } as const
    try {
      return execFileSync('git', args, options).trim()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      throw new Fault('GIT_MISSING', 'the program git was not found', {
        remedy: 'Install git: the example repository is committed with it.'
      })
    }
  }
}
