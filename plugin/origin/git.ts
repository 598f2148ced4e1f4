import { execFile, spawn } from 'node:child_process'
import type { ExecFileException } from 'node:child_process'
import { Fault } from '../../common/fault.ts'
import { guarded } from '../system-fault.ts'

/** The output of a Git command, or its exit code and message. */
export type GitAnswer = { readonly kind: 'output'; readonly text: string } | GitFailure

/** The exit code of a Git command that failed, and the first line of its message. */
export interface GitFailure {
  readonly kind: 'failed'
  readonly exitCode: number
  readonly message: string
}

type Take = (error: ExecFileException | null, stdout: string, stderr: string) => void

const notStarted = 'cannot be started'
const timeoutMs = 60_000
const maxOutputBytes = 64 * 1024 * 1024
const maxMessageCharacters = 10_000

/**
 * Runs `git` in a folder. The repository is untrusted: no hooks, file system monitor, pager, signature
 * program, lock files, fetches, replaced objects or grafts, and no variables that point Git elsewhere.
 *
 * @throws {Fault} `GIT_MISSING` if git is not installed, `GIT_FAILED` if it does not finish
 */
export function runGit(folder: string, args: readonly string[]): Promise<GitAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<GitAnswer>()
  const options = {
    cwd: folder,
    env: gitEnvironment(),
    timeout: timeoutMs,
    maxBuffer: maxOutputBytes
  }
  const take: Take = (error, stdout, stderr) => {
    if (error === null) resolve({ kind: 'output', text: stdout })
    else if (error.code === 'ENOENT') reject(gitMissing())
    else if (typeof error.code === 'number') {
      resolve({ kind: 'failed', exitCode: error.code, message: firstLine(stderr) })
    } else reject(didNotFinish(args))
  }
  guarded('git', () => execFile('git', [...safeSettings, ...args], options, take), notStarted)
  return promise
}

/** What {@link streamGit} writes to git and does with its output. */
export interface GitStream {
  readonly input: string
  /** Takes a part of the output. A fault that it throws ends git and is the fault of the call. */
  readonly take: (part: Buffer) => void
}

/**
 * Runs `git` as {@link runGit}, but passes its output on as it arrives, whatever its size.
 *
 * @returns undefined, or git's exit code and message
 * @throws {Fault} as {@link runGit}, and what `take` throws
 */
export function streamGit(
  folder: string,
  args: readonly string[],
  { input, take }: GitStream
): Promise<GitFailure | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<GitFailure | undefined>()
  const options = { cwd: folder, env: gitEnvironment(), timeout: timeoutMs }
  const git = guarded('git', () => spawn('git', [...safeSettings, ...args], options), notStarted)
  let stderr = ''
  git.on('error', (error: NodeJS.ErrnoException) => {
    reject(error.code === 'ENOENT' ? gitMissing() : didNotFinish(args))
  })
  git.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < maxMessageCharacters) stderr += text
  })
  git.stdout.on('data', (part: Buffer) => {
    try {
      take(part)
    } catch (error) {
      git.stdout.destroy()
      git.kill('SIGKILL')
      reject(error)
    }
  })
  // Git may exit without reading its input; its exit code says why.
  git.stdin.on('error', () => undefined).end(input)
  git.on('close', exitCode => {
    if (exitCode === null) reject(didNotFinish(args))
    else if (exitCode === 0) resolve(undefined)
    else resolve({ kind: 'failed', exitCode, message: firstLine(stderr) })
  })
  return promise
}

/** The output of {@link runGit}; a failure is a fault. */
export async function gitOutput(folder: string, args: readonly string[]): Promise<string> {
  const answer = await runGit(folder, args)
  if (answer.kind === 'output') return answer.text
  throw new Fault('GIT_FAILED', `git ${args[0] ?? ''} failed`, {
    found: answer.message.replaceAll(folder, '.')
  })
}

const safeSettings = [
  '--no-pager',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.quotePath=false',
  '-c',
  'log.showSignature=false'
]

function gitEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) =>
    /^(?:PATH|HOME|USER|TMPDIR)$/.test(name)
  )
  return {
    ...Object.fromEntries(kept),
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    // Grafts replace parents too. A file that cannot exist: Git warns about any other.
    GIT_GRAFT_FILE: '/dev/null/none',
    // Without it, git log writes each commit by itself.
    GIT_FLUSH: '0',
    // A partial clone would fetch missing objects; Git before 2.44 has only the second variable.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    LC_ALL: 'C'
  }
}

function gitMissing(): Fault {
  const remedy =
    'Install git, which knows the commit of these files. An export without .git needs only --revision.'
  return new Fault('GIT_MISSING', 'git was not found', { remedy })
}

function didNotFinish(args: readonly string[]): Fault {
  return new Fault('GIT_FAILED', `git ${args[0] ?? ''} did not finish`)
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 300) ?? ''
}
