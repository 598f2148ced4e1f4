import { spawn } from 'node:child_process'
import type { JsonObject } from '../../../common/json.ts'
import type { ControlPlane } from './control-plane.ts'

/** Exit code and output of a kubectl command. */
export interface Seen {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs kubectl; `input` is its standard input, an object or text. */
export function kubectl(
  { kubeconfig }: ControlPlane,
  args: readonly string[],
  input?: JsonObject | string
): Promise<Seen> {
  return new Promise((resolve, reject) => {
    // A cache of an earlier server on the same port would be wrong for this one.
    const own = ['--kubeconfig', kubeconfig, '--cache-dir', `${kubeconfig}.cache`]
    const child = spawn('kubectl', [...own, ...args], {
      stdio: ['pipe', 'pipe', 'pipe']
    })
    const seen = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (seen.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (seen.stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', code => {
      resolve({ code, ...seen })
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(typeof input === 'object' ? JSON.stringify(input) : input)
  })
}
