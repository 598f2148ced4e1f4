import { readFileSync } from 'node:fs'

/** A process as the kernel tells of it. */
export interface Process {
  readonly command: string
  readonly user: number
  /** Capabilities in force, as the kernel writes them: zeros where there are none. */
  readonly capabilities: string
  readonly mayGain: boolean
}

/** The processes that a process started, and those that they started. */
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
    mayGain: field('NoNewPrivs') !== '1'
  }
}
