import { spawn } from 'node:child_process'
import { Fault } from '../../common/fault.ts'

/** A folder with a repository, and how git reads and writes it. */
export interface Repository {
  readonly folder: string
  /** Variables of git: credentials, authors. They are in no argument, so no process list has them. */
  readonly variables?: Readonly<Record<string, string>>
}

/** One call of git. */
export interface GitCall extends Repository {
  readonly args: readonly string[]
  readonly input?: string | Buffer
}

/** How a call of git ended. */
export interface GitResult {
  readonly exitCode: number
  readonly stdout: Buffer
  readonly stderr: string
}

const timeoutMs = 120_000
const maxOutputBytes = 256 * 1024 * 1024
const maxMessageCharacters = 16_000

/**
 * Runs `git` for a command that writes: with the network and with the caller's own configuration and credentials,
 * but without hooks, prompts, redirects, pagers and file system monitors, and only by https, ssh, http and files.
 *
 * @throws {Fault} `GIT_MISSING`, or `GIT_FAILED` if git does not end within two minutes
 */
export function callGit({ folder, args, input, variables }: GitCall): Promise<GitResult> {
  const { promise, resolve, reject } = Promise.withResolvers<GitResult>()
  const git = spawn('git', [...settings, ...args], {
    cwd: folder,
    env: { ...environment(), ...variables },
    timeout: timeoutMs,
    killSignal: 'SIGKILL'
  })
  const output: Buffer[] = []
  let bytes = 0
  let stderr = ''
  git.stdout.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes > maxOutputBytes) git.kill('SIGKILL')
    else output.push(part)
  })
  git.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (stderr.length < maxMessageCharacters) stderr += text
  })
  git.on('error', (error: NodeJS.ErrnoException) => {
    reject(
      error.code === 'ENOENT'
        ? new Fault('GIT_MISSING', 'git was not found', { remedy: 'Install git.' })
        : error
    )
  })
  git.on('close', exitCode => {
    if (exitCode === null) {
      reject(new Fault('GIT_FAILED', `git ${args[0] ?? ''} did not end within its limits`))
    } else resolve({ exitCode, stdout: Buffer.concat(output), stderr })
  })
  // Git may end without reading its input; its exit code says why.
  git.stdin.on('error', () => undefined).end(input ?? '')
  return promise
}

/** The output of {@link callGit} without its last line feed. @throws {Fault} `GIT_FAILED` for another exit code */
export async function gitText(call: GitCall): Promise<string> {
  return (await gitBytes(call)).toString('utf8').replace(/\n$/, '')
}

/** The output of {@link callGit}. @throws {Fault} `GIT_FAILED` for another exit code */
export async function gitBytes(call: GitCall): Promise<Buffer> {
  const result = await callGit(call)
  if (result.exitCode === 0) return result.stdout
  throw gitFailed(call, result)
}

/** The fault of a call that failed, with what git said. */
export function gitFailed({ folder, args }: GitCall, { stderr }: GitResult): Fault {
  return new Fault('GIT_FAILED', `git ${args[0] ?? ''} failed`, {
    found: messageOf(stderr).replaceAll(folder, '.')
  })
}

/** What git says about a failure: its lines without progress and hints, credentials in addresses removed. */
export function messageOf(stderr: string): string {
  const lines = stderr
    .split(/[\r\n]+/)
    .filter(line => /\S/.test(line) && !/^(?:hint|warning):/.test(line))
    .map(line => line.replace(/(?<=\/\/)[^/@\s]*@/g, ''))
  return lines.join('; ').slice(0, 600)
}

const settings = [
  '--no-pager',
  ...[
    'core.hooksPath=/dev/null',
    'core.fsmonitor=false',
    'core.quotePath=false',
    'core.askPass=',
    'credential.interactive=false',
    'http.followRedirects=false',
    'gc.auto=0',
    'maintenance.auto=false',
    'advice.detachedHead=false'
  ].flatMap(setting => ['-c', setting])
]

/** What git needs of the caller's environment to connect and to name an author. */
const keptVariables =
  /^(?:PATH|HOME|USER|LOGNAME|TMPDIR|XDG_CONFIG_HOME|GNUPGHOME|SSH_AUTH_SOCK|GIT_SSH|GIT_SSH_COMMAND|GIT_ASKPASS|GIT_CONFIG_GLOBAL|GIT_CONFIG_SYSTEM|GIT_CONFIG_NOSYSTEM|GIT_SSL_\w+|SSL_CERT_(?:FILE|DIR)|GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)|(?:https?|no|all)_proxy|(?:HTTPS?|NO|ALL)_PROXY)$/

function environment(): Record<string, string | undefined> {
  const kept = Object.entries(process.env).filter(([name]) => keptVariables.test(name))
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'https:http:ssh:file',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C'
  }
}
