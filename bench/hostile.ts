import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sources } from '../plugin/flux/resources.ts'
import { Keep } from '../test/e2e/rig/keep.ts'
import { startFluxCluster } from './flux/cluster.ts'
import type { FluxBench } from './flux/cluster.ts'
import { HostileServer } from './flux/hostile-server.ts'
import { Repositories } from './flux/repositories.ts'

const commits = 10
/** Longer than the minute that a download may take. */
const watchedMs = 90_000

/**
 * `npm run bench:hostile`: malicious sources in full size on a real API server. Prints the status of
 * each, the memory used, and how long commits to a good repository took meanwhile.
 */
async function bench(folder: string, keep: Keep): Promise<void> {
  const hostile = await HostileServer.start(folder)
  const repositories = await Repositories.start()
  const cluster = await startFluxCluster(folder, keep)
  const { releases } = cluster
  try {
    await releases.writeSource(sources.GitRepository, 'fine', repositories.commit('fine', 'first'))
    await releases.write(['fine'], () => ({ kind: 'GitRepository', name: 'fine' }))
    const controller = await cluster.startController()
    await releases.ready(1)
    say(`alone: a commit is published after ${figures(await commit(cluster, repositories, 'a'))}`)
    say(`memory ${controller.peakMegabytes.toFixed(0)} MB`)
    const cpuBefore = controller.cpuSeconds
    for (const name of hostile.names) {
      await releases.writeSource(sources.Bucket, name, hostile.artifact(name))
    }
    await releases.write(hostile.names, name => ({ kind: 'Bucket', name }))
    const startMs = performance.now()
    const during = await commit(cluster, repositories, 'b')
    say(`with ${hostile.names.length} malicious sources: after ${figures(during)}`)
    await sleep(Math.max(0, watchedMs - (performance.now() - startMs)))
    const ms = performance.now() - startMs
    const cpu = controller.cpuSeconds - cpuBefore
    say(`after ${(ms / 1_000).toFixed(0)} s: ${cpu.toFixed(1)} s of a core`)
    say(`memory at most ${controller.peakMegabytes.toFixed(0)} MB`)
    for (const name of hostile.names) say(`  ${name.padEnd(18)} ${releases.readyOf(name)}`)
    const later = await commit(cluster, repositories, 'c')
    say(`while they are retried: a commit is published after ${figures(later)}`)
  } finally {
    await cluster.stop()
    repositories.stop()
    hostile.stop()
  }
}

/** Seconds from each of some commits until they are published. */
async function commit(
  { releases }: FluxBench,
  repositories: Repositories,
  text: string
): Promise<readonly number[]> {
  const taken: number[] = []
  for (let at = 0; at < commits; at++) {
    const artifact = repositories.commit('fine', `${text}${at}`)
    const startMs = performance.now()
    await releases.writeSource(sources.GitRepository, 'fine', artifact)
    await releases.published(1, artifact.revision)
    taken.push((performance.now() - startMs) / 1_000)
    await sleep(500)
  }
  return taken.sort((a, b) => a - b)
}

function figures(sorted: readonly number[]): string {
  const [median = NaN, longest = NaN] = [sorted[sorted.length >> 1], sorted.at(-1)]
  return `${median.toFixed(2)} s (median of ${sorted.length}), at most ${longest.toFixed(2)} s`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-hostile-'))
try {
  await bench(folder, new Keep())
} finally {
  rmSync(folder, { recursive: true, force: true })
}
