import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'

/** A program, its arguments, environment and folder. */
export interface Program {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
}

/** Limits of one run. Beyond them the program is killed. */
export interface ProgramLimits {
  readonly timeoutMs: number
  readonly maxOutputBytes: number
}

/** How a run ended. `stderr` is the end of it, at most 2,000 bytes. */
export type ProgramResult =
  | { readonly kind: 'exited'; readonly stdout: Buffer; readonly stderr: string }
  /** An exit code other than 0, or a signal. */
  | { readonly kind: 'failed'; readonly how: string; readonly stderr: string }
  /** The system's error code, such as ENOENT. */
  | { readonly kind: 'not-started'; readonly code: string }
  | { readonly kind: 'timeout'; readonly stderr: string }
  | { readonly kind: 'too-much-output' }
  | { readonly kind: 'aborted' }

const maxStderrBytes = 2_000
/** How long output is waited for after the exit: a process that left the group can hold it open. */
const drainMs = 1_000

/**
 * Runs a program without a shell, in its own process group, with `input` on its stdin. When it has ended,
 * by itself or not, every process of the group is killed. A program that does not read its input is not an
 * error.
 *
 * @param signal kills the program
 */
export function runProgram(
  program: Program,
  input: Uint8Array,
  limits: ProgramLimits,
  signal?: AbortSignal
): Promise<ProgramResult> {
  const { promise, resolve } = Promise.withResolvers<ProgramResult>()
  if (signal?.aborted === true) return Promise.resolve({ kind: 'aborted' })
  let child: ChildProcessWithoutNullStreams
  try {
    const { file, args, env, folder } = program
    child = spawn(file, args, { cwd: folder, env, stdio: 'pipe', detached: true })
  } catch (error) {
    return Promise.resolve({ kind: 'not-started', code: codeOf(error) })
  }
  const end = (result: ProgramResult) => {
    killGroup(child)
    resolve(result)
  }
  const abort = () => {
    end({ kind: 'aborted' })
  }
  const output = collect(child, limits.maxOutputBytes, () => {
    end({ kind: 'too-much-output' })
  })
  const timer = setTimeout(() => {
    end({ kind: 'timeout', stderr: output.stderr() })
  }, limits.timeoutMs)
  child.once('error', error => {
    end({ kind: 'not-started', code: codeOf(error) })
  })
  child.once('exit', (code, by) => {
    killGroup(child)
    void drained(child).then(() => {
      end(resultOf(code ?? `signal ${by ?? ''}`, output))
    })
  })
  // EPIPE: the program may end without reading its input.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  signal?.addEventListener('abort', abort, { once: true })
  return promise.finally(() => {
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy()
  })
}

interface Output {
  readonly stdout: () => Buffer
  readonly stderr: () => string
}

function collect(
  { stdout, stderr }: ChildProcessWithoutNullStreams,
  maxOutputBytes: number,
  overflow: () => void
): Output {
  const chunks: Buffer[] = []
  let bytes = 0
  let tail = Buffer.alloc(0)
  stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxOutputBytes) overflow()
    else chunks.push(chunk)
  })
  stderr.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-maxStderrBytes)
  })
  return { stdout: () => Buffer.concat(chunks), stderr: () => tail.toString('utf8').trim() }
}

function resultOf(how: number | string, { stdout, stderr }: Output): ProgramResult {
  if (how === 0) return { kind: 'exited', stdout: stdout(), stderr: stderr() }
  const text = typeof how === 'number' ? `exit code ${how}` : how
  return { kind: 'failed', how: text, stderr: stderr() }
}

function drained(child: ChildProcessWithoutNullStreams): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => {
    resolve(undefined)
  }, drainMs)
  child.once('close', () => {
    clearTimeout(timer)
    resolve(undefined)
  })
  return promise
}

function killGroup({ pid }: ChildProcessWithoutNullStreams): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // No process of the group is left.
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown'
}
