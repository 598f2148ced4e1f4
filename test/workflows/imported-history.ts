import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A file of a commit: its text, with a mode where it is not a plain file. */
export type ImportedFile =
  string | { readonly mode: '100755' | '120000' | '160000'; readonly content: string }

/** A commit to create: all of its files, and the commits that it is made from, by their place in the list. */
export interface ImportedCommit {
  readonly files: Readonly<Record<string, ImportedFile>>
  readonly parents: readonly number[]
  /** The committer date in seconds since 1970. */
  readonly seconds?: number
  readonly message?: string
}

const identity = 'T <t@t>'

/** A Git repository whose commits are created by git fast-import, without a work tree. */
export class ImportedHistory {
  readonly root = mkdtempSync(path.join(tmpdir(), 'mlgitops-history-'))
  #imports = 0

  constructor(format: 'sha1' | 'sha256' = 'sha1') {
    this.git('init', '--quiet', `--object-format=${format}`, '--initial-branch=main')
  }

  /** Creates commits with the last one as `refs/heads/main`; returns their IDs. */
  add(commits: readonly ImportedCommit[]): readonly string[] {
    // References of an earlier call would give the new root commits a parent.
    const run = `refs/heads/import-${++this.#imports}`
    const streams = commits.map((commit, index) => importCommand(commit, index, run))
    const tip = `reset refs/heads/main\nfrom :${commits.length}\n\n`
    return this.import(Buffer.concat([...streams, Buffer.from(tip)]))
  }

  /** Runs git fast-import; returns the IDs of the marked commits, in the order of their marks. */
  import(stream: Buffer): readonly string[] {
    const marks = path.join(this.root, '.git', 'marks')
    this.#run(['fast-import', '--quiet', '--force', `--export-marks=${marks}`], stream)
    const lines = readFileSync(marks, 'utf8').trim().split('\n')
    const ids = lines.map(line => line.slice(1).split(' ') as [string, string])
    return ids.sort(([a], [b]) => Number(a) - Number(b)).map(([, id]) => id)
  }

  /** Writes an object that Git need not find valid; returns its ID. */
  write(type: string, content: string | Buffer): string {
    const args = ['hash-object', '-w', '--literally', '--stdin', '-t', type]
    return this.#run(args, Buffer.from(content)).trim()
  }

  /** Replaces a pack by its objects as single files. */
  unpack(pack: string): void {
    const bytes = readFileSync(pack)
    rmSync(pack.replace(/pack$/, 'idx'))
    rmSync(pack)
    this.#run(['unpack-objects', '-q'], bytes)
  }

  git(...args: readonly string[]): string {
    return this.#run(args, undefined).trim()
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }

  #run(args: readonly string[], input: Buffer | undefined): string {
    const env = { PATH: process.env.PATH, HOME: this.root, GIT_CONFIG_NOSYSTEM: '1' }
    return execFileSync('git', args, {
      cwd: this.root,
      env,
      input,
      encoding: 'utf8',
      stdio: 'pipe'
    })
  }
}

function importCommand(commit: ImportedCommit, index: number, run: string): Buffer {
  const { files, parents, seconds = 1_700_000_000 + index, message = '' } = commit
  const [first, ...merged] = parents.map(parent => parent + 1)
  const header = [
    `commit ${run}-${index}`,
    `mark :${index + 1}`,
    `committer ${identity} ${seconds} +0000`,
    `data ${Buffer.byteLength(message)}`,
    message,
    ...(first === undefined ? [] : [`from :${first}`]),
    ...merged.map(parent => `merge :${parent}`),
    'deleteall'
  ].join('\n')
  return Buffer.concat([
    Buffer.from(`${header}\n`),
    ...Object.entries(files).map(([name, file]) => importFile(name, file)),
    Buffer.from('\n')
  ])
}

/** A name is bytes in latin1; fast-import reads every byte as an octal escape. */
function importFile(name: string, file: ImportedFile): Buffer {
  const { mode, content } = typeof file === 'string' ? { mode: '100644', content: file } : file
  const octal = (byte: number) => `\\${byte.toString(8).padStart(3, '0')}`
  const quoted = `"${[...Buffer.from(name, 'latin1')].map(octal).join('')}"`
  return Buffer.from(
    mode === '160000'
      ? `M ${mode} ${content} ${quoted}\n`
      : `M ${mode} inline ${quoted}\ndata ${Buffer.byteLength(content)}\n${content}\n`
  )
}
