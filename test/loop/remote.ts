import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { run } from '../../bin/run.ts'
import type { CommandResult } from '../../common/command.ts'
import type { JsonObject } from '../../common/json.ts'

const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']

/** What removes the folder at its end: a test of tap, or a suite. */
export interface Ending {
  teardown(action: () => void): void
}

/** A bare repository with one commit of a model, and a folder for results and artifacts. */
export class Remote {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-loop-'))
  readonly bare = path.join(this.folder, 'bare.git')
  /** The commit of the model. */
  readonly commit: string
  readonly artifactDigest = `sha256:${createHash('sha256').update('weights').digest('hex')}`

  constructor(t: Ending, files: Readonly<Record<string, string>> = modelFiles) {
    t.teardown(() => {
      rmSync(this.folder, { recursive: true, force: true })
    })
    const work = path.join(this.folder, 'work')
    mkdirSync(work)
    this.git(work, 'init', '--quiet', '--initial-branch=main')
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(work, file)), { recursive: true })
      writeFileSync(path.join(work, file), text)
    }
    this.git(work, 'add', '--all')
    this.git(work, ...person, 'commit', '--quiet', '--message', 'Train churn')
    this.git(this.folder, 'clone', '--quiet', '--bare', 'work', 'bare.git')
    this.commit = this.git(work, 'rev-parse', 'HEAD')
    rmSync(work, { recursive: true })
    writeFileSync(path.join(this.folder, 'model.bin'), 'weights')
  }

  /** Runs git in a folder and returns its output without the last line feed. */
  git(folder: string, ...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: folder, encoding: 'utf8' }).replace(/\n$/, '')
  }

  /** Runs git in the bare repository. */
  inBare(...args: readonly string[]): string {
    return this.git(this.bare, ...args)
  }

  /** A file of a branch, byte for byte. */
  show(file: string, branch = 'main'): string {
    return execFileSync('git', ['show', `${branch}:${file}`], { cwd: this.bare, encoding: 'utf8' })
  }

  /** The result of a training run of the model. */
  result(changes: JsonObject = {}): JsonObject {
    return {
      model: 'churn',
      version: '1.4',
      run: { system: 'mlflow', id: 'abc', uid: 'u-1' },
      commit: this.commit,
      artifact: {
        uri: `file://${this.folder}/model.bin`,
        digest: this.artifactDigest
      },
      dataset: { name: 'churn 2026 Q3', digest: 'md5:0123456789abcdef', rows: 1000 },
      parameters: { trees: 100, optimizer: 'adam' },
      metrics: { precision: 0.93, latencyMs: { p99: 81.5 } },
      ...changes
    }
  }

  /** Writes a result file and returns its name. */
  resultFile(changes: JsonObject = {}, name = 'result.json'): string {
    writeFileSync(path.join(this.folder, name), JSON.stringify(this.result(changes)))
    return name
  }

  /** Commits files to the main branch, as somebody else does. */
  push(files: Readonly<Record<string, string>>): void {
    const work = path.join(this.folder, 'other')
    this.git(this.folder, 'clone', '--quiet', 'bare.git', 'other')
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(work, file)), { recursive: true })
      writeFileSync(path.join(work, file), text)
    }
    this.git(work, 'add', '--all')
    this.git(work, ...person, 'commit', '--quiet', '--message', 'Change files')
    this.git(work, 'push', '--quiet', 'origin', 'main')
    rmSync(work, { recursive: true })
  }

  removeArtifact(): void {
    rmSync(path.join(this.folder, 'model.bin'))
  }

  /** A program that the server runs when it receives a push. */
  hook(name: string, script: string): void {
    const file = path.join(this.bare, 'hooks', name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, `#!/bin/sh\n${script}\n`)
    chmodSync(file, 0o755)
  }

  /** Runs mlgitops in the folder. */
  mlgitops(...args: readonly string[]): Promise<CommandResult> {
    return run({ args, env: {}, folder: this.folder })
  }
}

/** A model with values, as people write them. */
export const modelFiles = {
  'models/churn/train.py': 'print("train")\n',
  'models/churn/values.yaml': 'model:\n  version: "1.3" # the version that is served\n',
  'README.md': 'Models.\n'
}
