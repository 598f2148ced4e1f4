import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A process of Node that listens. */
export interface ListeningProcess {
  readonly url: string
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>
}

const startTimeoutMs = 30_000

/**
 * Starts a process and waits until it says where it listens.
 *
 * @throws {Error} where it does not, with what it said
 */
export async function startListening(args: readonly string[]): Promise<ListeningProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = once(child, 'exit') as Promise<[number | null]>
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const url = /^listening on (\S+)$/m.exec(said)?.[1]
    if (url !== undefined) {
      return {
        url,
        stop: async () => {
          child.kill('SIGTERM')
          const [code] = await exited
          return code
        }
      }
    }
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`it did not start: ${args.join(' ')}\n${said}`)
    }
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
