import { readdirSync, readFileSync } from 'node:fs'

/** What `/proc` is needed for: the reason to skip a test, or false. */
export const withoutProc = process.platform === 'linux' ? false : 'needs /proc'

/** Process IDs of the children of a process, of their children, and so on. */
export function descendants(pid: number): readonly number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .map(name => [Number(name), parentOf(Number(name))])
  )
  const found = [pid]
  for (const each of found) {
    for (const [child, parent] of parents) if (parent === each) found.push(child)
  }
  return found.slice(1)
}

/** Whether a process exists and is not a zombie. */
export function isRunning(pid: number): boolean {
  const state = statOf(pid)?.state
  return state !== undefined && state !== 'Z'
}

function parentOf(pid: number): number | undefined {
  return statOf(pid)?.parent
}

/** Fields 3 and 4 of `/proc/PID/stat`, which follow the command in brackets. */
function statOf(pid: number) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [state, parent] = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}
