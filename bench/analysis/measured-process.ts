import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const ownRoot = path.join(import.meta.dirname, '../..')

/** `mlgitops serve analysis` in a process whose memory and CPU time are measured. */
export interface MeasuredProcess {
  readonly url: string
  readonly startSeconds: number
  /** CPU seconds, user and system. */
  cpuSeconds(): number
  memoryMegabytes(): number
  /** The peak. */
  peakMegabytes(): number
  stop(): Promise<void>
}

/**
 * Starts it on a state file and waits until it listens.
 *
 * @param root the folder of the revision
 */
export async function startMeasured(state: string, root = ownRoot): Promise<MeasuredProcess> {
  const startedMs = performance.now()
  const command = path.join(root, 'bin/mlgitops.ts')
  const args = ['serve', 'analysis', '--listen', '127.0.0.1:0', '--state', state]
  const child = spawn(process.execPath, [command, ...args, '--grace-seconds', '0'], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  const { pid } = child
  if (pid === undefined) throw new Error('the process did not start')
  const url = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const found = /^listening on (\S+)$/m.exec(said)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => {
      reject(new Error('the process ended'))
    })
  })
  const statusOf = (name: string) => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return (
      Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) / 1_024
    )
  }
  return {
    url,
    startSeconds: (performance.now() - startedMs) / 1_000,
    cpuSeconds: () => threadSeconds(pid),
    memoryMegabytes: () => statusOf('VmRSS'),
    peakMegabytes: () => statusOf('VmHWM'),
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
  }
}

/** The kernel counts it in nanoseconds by thread. The threads of a Node process live as long as it does. */
function threadSeconds(pid: number): number {
  const folder = `/proc/${pid}/task`
  const nanoseconds = readdirSync(folder).map(thread =>
    Number(readFileSync(`${folder}/${thread}/schedstat`, 'utf8').split(' ')[0])
  )
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e9
}
