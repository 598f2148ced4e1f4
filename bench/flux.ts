import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sources } from '../plugin/flux/resources.ts'
import { Keep } from '../test/e2e/rig/keep.ts'
import { startFluxCluster } from './flux/cluster.ts'
import type { FluxBench } from './flux/cluster.ts'
import type { Controller } from './flux/controller.ts'
import type { Releases } from './flux/releases.ts'
import { Repositories } from './flux/repositories.ts'

const releaseCount = 1_000
const releasesOfOne = 100
const steadyMs = 60_000
const pages = 100

/**
 * `npm run bench:flux`: 1,000 ModelReleases of ten repositories on a real API server, each reconciled
 * once a minute. Measures the first minute, the steady state, a commit that 100 releases use, one
 * that changes nothing that is published, and a restart on an empty disk.
 */
async function bench(folder: string, keep: Keep): Promise<void> {
  const repositories = await Repositories.start()
  const cluster = await startFluxCluster(folder, keep)
  const { releases } = cluster
  try {
    for (let at = 0; at * releasesOfOne < releaseCount; at++) {
      const name = `repo-${at}`
      const commit = repositories.commit(name, `first of ${name}`)
      await releases.writeSource(sources.GitRepository, name, commit)
    }
    const names = Array.from({ length: releaseCount }, (_, index) => `release-${index}`)
    await releases.write(names, name => {
      return { kind: 'GitRepository', name: `repo-${Number(name.slice(8)) % 10}` }
    })
    const controller = await measureFirst(cluster)
    const downloads = repositories.downloads.length
    say(`  API writes ${cluster.writes()}, downloads ${downloads} of 10 repositories`)
    await measureSteady(cluster, controller)
    await measureCommit(controller, releases, repositories)
    await measureRestart(cluster, controller)
  } finally {
    await cluster.stop()
    repositories.stop()
  }
}

async function measureFirst({ startController, releases }: FluxBench): Promise<Controller> {
  const startMs = performance.now()
  const controller = await startController()
  await releases.ready(releaseCount)
  say(`first: ${releaseCount} releases Ready after ${seconds(startMs)} s, ${cpu(controller, 0)}`)
  say(`  renders ${await controller.count('renders_total')}, ${memory(controller)}`)
  return controller
}

async function measureSteady({ writes }: FluxBench, controller: Controller): Promise<void> {
  await idle(controller)
  const before = await counts(controller, writes)
  const cpuBefore = controller.cpuSeconds
  await sleep(steadyMs)
  const after = await counts(controller, writes)
  const [looks, renders, downloads, written] = after.map((count, at) => count - (before[at] ?? 0))
  say(`steady state, one minute: ${looks} reconciliations, ${cpu(controller, cpuBefore)}`)
  say(`  renders ${renders}, downloads ${downloads}, API writes ${written} (aim: 0 each)`)
}

async function counts(controller: Controller, writes: () => number): Promise<readonly number[]> {
  const names = ['looks_total', 'renders_total', 'downloads_total'] as const
  const counted = await Promise.all(names.map(name => controller.count(name)))
  return [...counted, writes()]
}

async function measureCommit(
  controller: Controller,
  releases: Releases,
  repositories: Repositories
): Promise<void> {
  const renders = await controller.count('renders_total')
  const downloads = repositories.downloads.length
  const cpuBefore = controller.cpuSeconds
  const commit = repositories.commit('repo-0', 'second')
  const startMs = performance.now()
  await releases.writeSource(sources.GitRepository, 'repo-0', commit)
  await releases.published(releasesOfOne, commit.revision)
  say(`a commit that ${releasesOfOne} releases use: published for all after ${seconds(startMs)} s (aim: 10), ${cpu(controller, cpuBefore)}`) // prettier-ignore
  await releases.ready(releaseCount)
  await idle(controller)
  const rendered = (await controller.count('renders_total')) - renders
  say(`  renders ${rendered}, downloads ${repositories.downloads.length - downloads} (aim: 1)`)
}

async function measureRestart(
  { startController, releases, writes }: FluxBench,
  old: Controller
): Promise<void> {
  const before = writes()
  say(`memory before the kill: ${memory(old)} (aim: 300)`)
  say(`warnings and errors in its log: ${old.complaints.length}`)
  for (const line of old.complaints.slice(0, 3)) say(`  ${line}`)
  await old.stop('SIGKILL')
  const startMs = performance.now()
  const controller = await startController()
  const urls = releases.urls.filter((_, at) => at % (releaseCount / pages) === 0)
  for (const url of urls) await served(url)
  await idle(controller)
  say(
    `restart on an empty disk: everything is served after ${seconds(startMs)} s, ${cpu(controller, 0)}`
  )
  const renders = await controller.count('renders_total')
  say(`  renders ${renders}, API writes ${writes() - before} (aim: 0), ${memory(controller)}`)
}

async function served(url: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(url).catch(() => ({ status: 0 }))
    if (status === 200) return
    await sleep(100)
  }
}

/** Waits until the work queue is empty at two checks a second apart. */
async function idle(controller: Controller): Promise<void> {
  for (let quiet = 0, looks = -1; quiet < 3;) {
    await sleep(500)
    const now = await controller.count('renders_total')
    const isQuiet = now === looks && (await controller.count('waiting_releases')) === 0
    quiet = isQuiet ? quiet + 1 : 0
    looks = now
  }
}

function seconds(startMs: number): string {
  return ((performance.now() - startMs) / 1_000).toFixed(1)
}

function cpu(controller: Controller, before: number): string {
  return `${(controller.cpuSeconds - before).toFixed(1)} s of a core`
}

function memory({ megabytes, peakMegabytes }: Controller): string {
  return `${megabytes.toFixed(0)} MB, at most ${peakMegabytes.toFixed(0)} MB`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-flux-'))
try {
  await bench(folder, new Keep())
} finally {
  rmSync(folder, { recursive: true, force: true })
}
