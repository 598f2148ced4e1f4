import { spawn } from 'node:child_process'
import type { Argv } from './plugin-config.ts'

/** The result of a command, with Go's error text. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** `exit status 1`, `signal: killed`; undefined on success. */
  readonly failure: string | undefined
}

/** The settings of a command. */
export interface Start {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly deadlineMs: number
  /** The time from SIGTERM to SIGKILL of the group. */
  readonly killAfterMs: number
}

/** argocd-cmp-server stops shortly before the caller's deadline. */
const marginMs = 100

/**
 * Runs a command as argocd-cmp-server does: without a shell and standard input, in its own process group.
 * At the deadline the command is killed and its group gets SIGTERM; the rest of the group is killed later,
 * also after a successful command. The command has ended when its output is closed by every process. Source: argo-cd cmpserver/plugin/plugin.go, runCommand.
 */
export function runCommand([name = '', ...args]: Argv, start: Start): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>()
  const { cwd, env, deadlineMs, killAfterMs } = start
  const child = spawn(name, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk))
  const text = (stream: 'stdout' | 'stderr') => Buffer.concat(output[stream]).toString()
  const endGroup = () => {
    signalGroup(child.pid, 'SIGTERM')
    setTimeout(() => {
      signalGroup(child.pid, 'SIGKILL')
    }, killAfterMs).unref()
  }
  const timer = setTimeout(() => {
    child.kill('SIGKILL')
    endGroup()
  }, deadlineMs - marginMs)
  child.on('error', error => {
    clearTimeout(timer)
    resolve({ stdout: '', stderr: '', failure: `fork/exec: ${error.message}` })
  })
  child.on('close', (code, signal) => {
    clearTimeout(timer)
    endGroup()
    const failure = signal === null ? `exit status ${code ?? 0}` : signalText(signal)
    const failed = code === 0 ? undefined : failure
    resolve({ stdout: text('stdout'), stderr: text('stderr'), failure: failed })
  })
  return promise
}

function signalText(signal: NodeJS.Signals): string {
  return `signal: ${{ SIGKILL: 'killed', SIGTERM: 'terminated' }[signal as string] ?? signal}`
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // The group is empty.
  }
}

/** An argv in errors and logs: arguments with white space are quoted as in Go. */
export function describeArgv(argv: Argv): string {
  return argv.map(arg => (/\s/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')
}
