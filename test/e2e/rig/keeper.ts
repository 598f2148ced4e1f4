/*
 * Stops what the runner started once the runner has ended, even by SIGKILL: reads lines `+PID` and `-PID`
 * until the pipe is closed, then stops the remaining process groups.
 */
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const graceMs = 2_000

const left = new Set<number>()
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) left.add(pid)
  else left.delete(pid)
}
for (const pid of left) signal(pid, 'SIGTERM')
if (left.size > 0) await sleep(graceMs)
for (const pid of left) signal(pid, 'SIGKILL')

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name)
  } catch {
    // It has already ended.
  }
}
