import { execFile } from 'node:child_process'
import type { ExecFileException } from 'node:child_process'
import { Fault } from '../../common/fault.ts'
import { guarded } from '../system-fault.ts'

/** The output of a Git command, or its exit code and message. */
export type GitAnswer =
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'failed'; readonly exitCode: number; readonly message: string }

type Take = (error: ExecFileException | null, stdout: string, stderr: string) => void

const notStarted = 'cannot be started'
const timeoutMs = 60_000
const maxOutputBytes = 64 * 1024 * 1024

/**
 * Runs `git` in a folder. The repository is untrusted: no hooks, file system monitor, pager, signature
 * program, lock files, fetches or replaced objects, and no variables that point Git elsewhere.
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
    else if (error.code === 'ENOENT') {
      const remedy =
        'Install git, which knows the commit of these files. An export without .git needs only --revision.'
      reject(new Fault('GIT_MISSING', 'git was not found', { remedy }))
    } else if (typeof error.code === 'number') {
      resolve({ kind: 'failed', exitCode: error.code, message: firstLine(stderr) })
    } else reject(new Fault('GIT_FAILED', `git ${args[0] ?? ''} did not finish`))
  }
  guarded('git', () => execFile('git', [...safeSettings, ...args], options, take), notStarted)
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
    // A partial clone would fetch missing objects; Git before 2.44 has only the second variable.
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
    LC_ALL: 'C'
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 300) ?? ''
}
