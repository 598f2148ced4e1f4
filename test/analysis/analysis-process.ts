import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

const command = path.join(import.meta.dirname, '../../bin/mlgitops.ts')

/** `mlgitops serve analysis` as a process of its own. */
export interface AnalysisProcess {
  readonly url: string
  readonly child: ChildProcess
  /** Everything on stdout so far. */
  stdout(): string
  stderr(): string
}

/** Starts it on a free port, and waits until it listens. */
export async function startAnalysis(args: readonly string[]): Promise<AnalysisProcess> {
  const all = ['serve', 'analysis', '--listen', '127.0.0.1:0', '--grace-seconds', '0', ...args]
  const child = spawn(process.execPath, [command, ...all], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const match = /^listening on (http:\S+)$/m.exec(stdout)
      if (match?.[1] !== undefined) resolve(match[1])
    })
    child.once('exit', code => {
      reject(new Error(`it ended with ${String(code)}: ${stderr}`))
    })
  })
  return { url, child, stdout: () => stdout, stderr: () => stderr }
}

/** Sends a signal and waits for the end; its exit code. */
export async function endAnalysis(
  { child }: AnalysisProcess,
  signal: NodeJS.Signals
): Promise<number | null> {
  const ended = once(child, 'exit') as Promise<[number | null]>
  child.kill(signal)
  const [code] = await ended
  return code
}
