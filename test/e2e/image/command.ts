import { spawn } from 'node:child_process'

/** Exit code and output of a command. */
export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, at a low priority so that a build does not slow down other work. */
export function runCommand(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('nice', ['-n', '10', command, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env
    })
    const ran = { stdout: '', stderr: '' }
    child.stdout.on('data', (chunk: Buffer) => (ran.stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (ran.stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', code => {
      resolve({ code, ...ran })
    })
  })
}

/**
 * Runs a command as {@link runCommand} does; returns its trimmed stdout.
 *
 * @throws {Error} with the end of its output if it fails
 */
export async function output(
  command: string,
  args: readonly string[],
  env?: NodeJS.ProcessEnv
): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, args, env)
  if (code === 0) return stdout.trim()
  const said = `${stdout}\n${stderr}`.trim().slice(-1_500)
  throw new Error(`${command} ${args[0] ?? ''} ended with ${code ?? 'a signal'}:\n${said}`)
}
