import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { peers as knownPeers, peersFolder } from '../peers/peer.ts'
import type { KnownSuite } from '../suites.ts'
import { ControlPlane } from './control-plane.ts'
import { Keep } from './keep.ts'
import { Machine } from './machine.ts'
import { Points, reasonOf } from './points.ts'
import type { Told } from './points.ts'

const peers = peersFolder(process.env)
const peerNames = new Set(knownPeers.map(({ name }) => name))

/**
 * Runs suites one after the other, those that need one on one control plane, and tells what came of them; the exit code.
 *
 * @param named those that were asked for by name
 */
export async function runSuites(
  chosen: readonly KnownSuite[],
  named: readonly string[]
): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-e2e-'))
  const told: Told[] = []
  const running = chosen.filter(suite => {
    const reason = whyNot(suite, named)
    if (reason === undefined) return true
    const points = new Points(suite.name, say)
    points.skip('all of it', reason)
    told.push(...points.all)
    return false
  })
  if (running.length > 0) told.push(...(await onOneMachine(running, folder)))
  return close(told, folder)
}

function whyNot(
  { name, needs, isOptIn }: KnownSuite,
  named: readonly string[]
): string | undefined {
  if (isOptIn === true && !named.includes(name)) return `only by its name: npm run e2e -- ${name}`
  const missing = needs.filter(each => !isThere(each))
  if (missing.length === 0) return undefined
  const ofMachine = missing.filter(each => !peerNames.has(each))
  const how = ofMachine.length === missing.length ? '' : ' (npm run peers makes them)'
  return `not there: ${missing.join(', ')}${how}`
}

async function onOneMachine(running: readonly KnownSuite[], folder: string): Promise<Told[]> {
  const keep = new Keep()
  const cleanups: (() => Promise<void>)[] = []
  const endAll = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      say(`${signal}: everything is being stopped`)
      void endAll().then(() => process.exit(130))
    })
  }
  const told: Told[] = []
  try {
    const needed = new Set(running.flatMap(({ needs }) => needs))
    const plane = needed.has('kube-apiserver')
      ? await startControlPlane(path.join(folder, 'control-plane'), keep)
      : undefined
    if (plane !== undefined) cleanups.push(() => plane.stop())
    if (needed.has('kube-controller-manager')) await plane?.startControllers()
    for (const suite of running) {
      const logs = path.join(folder, suite.name)
      const folders = { work: path.join(folder, `${suite.name}-work`), logs, peers }
      const machine = new Machine(folders, plane, keep)
      cleanups.push(() => machine.close())
      told.push(...(await runSuite(suite, machine)))
      await machine.close()
    }
  } catch (error) {
    const points = new Points('the machine', say)
    points.tell('starts', { kind: 'failed', reason: reasonOf(error) })
    told.push(...points.all)
  } finally {
    await endAll()
  }
  return told
}

async function startControlPlane(folder: string, keep: Keep): Promise<ControlPlane> {
  const startedMs = Date.now()
  const plane = await ControlPlane.start(folder, peers, keep)
  say(`the control plane answers on ${plane.url} (${seconds(startedMs)} s)`)
  return plane
}

/** What a suite throws outside of its points fails it as well. */
async function runSuite({ name, load }: KnownSuite, machine: Machine): Promise<readonly Told[]> {
  const points = new Points(name, say)
  const startedMs = Date.now()
  try {
    const suite = await load()
    await suite({ machine, points })
  } catch (error) {
    points.tell('runs to its end', { kind: 'failed', reason: reasonOf(error) })
  }
  say(`suite ${name} took ${seconds(startedMs)} s`)
  return points.all
}

/** The closing lines. Data goes; the logs stay where something failed. */
function close(told: readonly Told[], folder: string): number {
  const ended = (kind: Told['outcome']['kind']) =>
    told.filter(({ outcome }) => outcome.kind === kind)
  const [passed, failed, skipped] = [ended('passed'), ended('failed'), ended('skipped')]
  for (const { suite, name, outcome } of [...skipped, ...failed]) {
    const reason = outcome.kind === 'passed' ? '' : (outcome.reason.split('\n')[0] ?? '')
    say(`${outcome.kind}: ${suite}: ${name}: ${reason}`)
  }
  if (failed.length > 0) say(`the logs are in ${folder}`)
  else rmSync(folder, { recursive: true, force: true })
  say(`${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`)
  return failed.length > 0 ? 1 : 0
}

/** A peer in the cache, or a program of the machine. */
function isThere(name: string): boolean {
  const folders = [peers, ...(process.env.PATH ?? '').split(path.delimiter)]
  return folders.some(folder => existsSync(path.join(folder, name)))
}

function seconds(sinceMs: number): string {
  return ((Date.now() - sinceMs) / 1_000).toFixed(1)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
