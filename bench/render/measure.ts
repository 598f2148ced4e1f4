import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A command to measure. */
export interface Peer {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** What the runs of a peer took. */
export interface Measured {
  readonly name: string
  /** By round. */
  readonly wallMs: readonly number[]
  readonly cpuMs: readonly number[]
  /** Peak memory of one run; NaN where python3 is not installed. */
  readonly mib: number
}

/**
 * Runs the peers in turns, forwards and backwards, so that what else the machine does falls on all of them.
 * A peer that is not installed or fails is left out.
 */
export function measureInTurns(peers: readonly Peer[], rounds: number): readonly Measured[] {
  const present = peers.filter(peer => run(peer) === 0)
  const all = present.map(peer => ({ peer, wallMs: [] as number[], cpuMs: [] as number[] }))
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? all : [...all].reverse()) {
      const [startMs, cpuStartMs] = [performance.now(), childCpuMs()]
      run(each.peer)
      each.wallMs.push(performance.now() - startMs)
      each.cpuMs.push(childCpuMs() - cpuStartMs)
    }
  }
  return all.map(({ peer, wallMs, cpuMs }) => ({
    name: peer.name,
    wallMs,
    cpuMs,
    mib: peakMib(peer)
  }))
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN
}

/** The mean of some numbers. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function run({ command, args, folder, env }: Peer): number | null {
  return spawnSync(command, args, { cwd: folder, env, stdio: 'ignore' }).status
}

/**
 * Processor time, user and system, of all child processes that have ended, in steps of 10 ms; NaN where
 * /proc does not exist. Source: proc(5), fields 16 and 17 of /proc/self/stat.
 */
function childCpuMs(): number {
  try {
    const fields = readFileSync('/proc/self/stat', 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[13]) + Number(fields[14])) * 10
  } catch {
    return NaN
  }
}

const peakMemory = `import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=-3, stderr=-3)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)`

function peakMib({ command, args, folder, env }: Peer): number {
  const python = ['-c', peakMemory, command, ...args]
  const { stdout } = spawnSync('python3', python, { cwd: folder, env, encoding: 'utf8' })
  return Number(stdout || NaN) / 1024
}
