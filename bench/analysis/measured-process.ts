import { readFileSync } from 'node:fs'
import path from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'

const command = path.join(import.meta.dirname, '../../bin/mlgitops.ts')
const ticksPerSecond = 100

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

/** Starts it on a state file and waits until it listens. */
export async function startMeasured(state: string): Promise<MeasuredProcess> {
  const startedMs = performance.now()
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
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
    },
    memoryMegabytes: () => statusOf('VmRSS'),
    peakMegabytes: () => statusOf('VmHWM'),
    stop: async () => {
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      await exited
    }
  }
}
