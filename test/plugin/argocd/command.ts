import { spawn } from 'node:child_process'
import type { Argv } from './plugin-config.ts'

/** How a command ended, in Go's words. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  /** `exit status 1`, `signal: killed`; undefined if all is well. */
  readonly failure: string | undefined
}

/** What a command is started with. */
export interface Start {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly deadlineMs: number
  /** From SIGTERM to SIGKILL of the group. */
  readonly killAfterMs: number
}

/** argocd-cmp-server stops a little before the caller gives up. */
const marginMs = 100

/**
 * Runs a command as argocd-cmp-server does: no shell, nothing on standard input, a process group of its
 * own. At the deadline the command is killed and its group told to end; what is left of the group is
 * killed later, also after a command that went well. It has ended when its output is closed, whoever
 * still holds that. Source: argo-cd cmpserver/plugin/plugin.go, runCommand.
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

/** An argv as it stands in errors and logs: what holds white space in Go's quotes. */
export function describeArgv(argv: Argv): string {
  return argv.map(arg => (/\s/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')
}
