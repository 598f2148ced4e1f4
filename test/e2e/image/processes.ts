import { readFileSync } from 'node:fs'

/** A process, from /proc. */
export interface Process {
  readonly command: string
  readonly user: number
  /** Effective capabilities as a hexadecimal mask; zeros for none. */
  readonly capabilities: string
  readonly canGainPrivileges: boolean
}

/** Returns all descendants of a process. */
export function processesBelow(pid: number): readonly Process[] {
  return childrenOf(pid).flatMap(child => [describe(child), ...processesBelow(child)])
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.split(' ').filter(Boolean).map(Number)
}

function describe(pid: number): Process {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, 'm').exec(status)?.[1] ?? ''
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()
  return {
    command,
    user: Number(field('Uid')),
    capabilities: field('CapEff'),
    canGainPrivileges: field('NoNewPrivs') !== '1'
  }
}
