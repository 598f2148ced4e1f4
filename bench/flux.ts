import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { member, stringMember } from '../common/json.ts'
import { connect } from '../service/kubernetes/connect.ts'
import { peersFolder } from '../test/e2e/peers/peer.ts'
import { ControlPlane } from '../test/e2e/rig/control-plane.ts'
import { installForeign, installOwn } from '../test/e2e/rig/crds.ts'
import { freePort } from '../test/e2e/rig/free-port.ts'
import { Keep } from '../test/e2e/rig/keep.ts'
import { Controller } from './flux/controller.ts'
import { Releases } from './flux/releases.ts'
import { Repositories } from './flux/repositories.ts'

const releaseCount = 1_000
const releasesOfOne = 100
const steadyMs = 60_000
const pages = 100

/**
 * `npm run bench:flux`: 1,000 ModelReleases of ten repositories, on a real API server. Each is looked at
 * once a minute. Measured are the first minute, the steady state, a commit that 100 releases use, one
 * that changes nothing that is published, and a restart on an empty disk.
 */
async function bench(folder: string, keep: Keep): Promise<void> {
  const peers = peersFolder(process.env)
  if (!existsSync(path.join(peers, 'kube-apiserver'))) {
    throw new Error('a real API server is needed: npm run peers etcd kube-apiserver')
  }
  const plane = await ControlPlane.start(path.join(folder, 'plane'), peers, keep)
  const repositories = await Repositories.start()
  const client = connect(plane.kubeconfig, { env: {}, folder }, 'bench')
  const releases = new Releases(client)
  const port = await freePort()
  let controller: Controller | undefined
  try {
    const flux = ['Bucket', 'ExternalArtifact', 'GitRepository', 'OCIRepository'] as const
    await installForeign(plane, flux)
    await installOwn(plane, ['modelreleases'])
    await plane.client.create('/api/v1/namespaces', { metadata: { name: 'ml' } })
    for (let at = 0; at * releasesOfOne < releaseCount; at++) {
      await releases.writeRepository(`repo-${at}`, repositories.commit(`repo-${at}`, 'first'))
    }
    const names = Array.from({ length: releaseCount }, (_, index) => `release-${index}`)
    await releases.write(names, name => `repo-${Number(name.slice(8)) % 10}`)
    releases.start()
    const writes = () =>
      plane
        .auditEvents()
        .filter(event => stringMember(event, 'userAgent')?.startsWith('mlgitops/') === true)
        // A question and no write.
        .filter(event => member(event.objectRef, 'resource') !== 'selfsubjectaccessreviews').length

    const start = () => Controller.start(folder, port, plane.kubeconfig, keep)
    controller = await measureFirst(start, releases)
    say(`  API writes ${writes()}, downloads ${repositories.downloads.length} of 10 repositories`)
    await measureSteady(controller, writes)
    await measureCommit(controller, releases, repositories)
    controller = await measureRestart(controller, start, releases, writes)
    say(`complaints in its log: ${controller.complaints.length}`)
    for (const line of controller.complaints.slice(0, 3)) say(`  ${line}`)
  } finally {
    await controller?.stop()
    await releases.stop()
    client.close()
    repositories.stop()
    await plane.stop()
  }
}

async function measureFirst(
  start: () => Promise<Controller>,
  releases: Releases
): Promise<Controller> {
  const startMs = performance.now()
  const controller = await start()
  await releases.ready(releaseCount)
  say(`first: ${releaseCount} releases Ready after ${seconds(startMs)} s, ${cpu(controller, 0)}`)
  say(`  renders ${await controller.count('renders_total')}, ${memory(controller)}`)
  return controller
}

async function measureSteady(controller: Controller, writes: () => number): Promise<void> {
  await idle(controller)
  const before = await counts(controller, writes)
  const cpuBefore = controller.cpuSeconds
  await sleep(steadyMs)
  const after = await counts(controller, writes)
  const [looks, renders, downloads, written] = after.map((count, at) => count - (before[at] ?? 0))
  say(`steady state, one minute: ${looks} looks, ${cpu(controller, cpuBefore)}`)
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
  await releases.writeRepository('repo-0', commit)
  await releases.published(releasesOfOne, commit.revision)
  say(`a commit that ${releasesOfOne} releases use: published for all after ${seconds(startMs)} s (aim: 10), ${cpu(controller, cpuBefore)}`) // prettier-ignore
  await releases.ready(releaseCount)
  await idle(controller)
  const rendered = (await controller.count('renders_total')) - renders
  say(`  renders ${rendered}, downloads ${repositories.downloads.length - downloads} (aim: 1)`)
}

async function measureRestart(
  old: Controller,
  start: () => Promise<Controller>,
  releases: Releases,
  writes: () => number
): Promise<Controller> {
  const before = writes()
  say(`memory before it is killed: ${memory(old)} (aim: 300)`)
  await old.stop('SIGKILL')
  const startMs = performance.now()
  const controller = await start()
  const urls = releases.urls.filter((_, at) => at % (releaseCount / pages) === 0)
  for (const url of urls) await served(url)
  await idle(controller)
  say(`restart on an empty disk: all is served after ${seconds(startMs)} s, ${cpu(controller, 0)}`)
  say(`  renders ${await controller.count('renders_total')}, API writes ${writes() - before} (aim: 0), ${memory(controller)}`) // prettier-ignore
  return controller
}

async function served(url: string): Promise<void> {
  for (;;) {
    const { status } = await fetch(url).catch(() => ({ status: 0 }))
    if (status === 200) return
    await sleep(100)
  }
}

/** Waits until nothing waits, twice a second apart. */
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
