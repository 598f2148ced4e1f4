import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { peers as knownPeers, peersFolder } from '../peers/peer.ts'
import type { KnownSuite } from '../suites.ts'
import { bounded } from './bounded.ts'
import { ControlPlanes, planeOf } from './control-planes.ts'
import { Keep } from './keep.ts'
import { Machine } from './machine.ts'
import { PointLogs } from './point-logs.ts'
import { Points, reasonOf } from './points.ts'
import type { PointResult } from './points.ts'
import { takeTurns } from './turns.ts'

const peers = peersFolder(process.env)
const peerNames = new Set(knownPeers.map(({ name }) => name))
/** Suites mostly wait for other programs, so three share two cores. */
const suitesAtOnce = 3
/** More than twice what the longest suite, and all of them, take on two busy cores. */
const suiteLimitMs = 10 * 60_000
const wholeLimitMs = 14 * 60_000
const endLimitMs = 90_000

/**
 * Runs suites, on a shared control plane where they need one, and reports the results; returns the exit
 * code.
 *
 * @param named the suites that were named on the command line
 */
export async function runSuites(
  chosen: readonly KnownSuite[],
  named: readonly string[]
): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-e2e-'))
  const results: PointResult[] = []
  const running = chosen.filter(suite => {
    const reason = whyNot(suite, named)
    if (reason === undefined) return true
    const points = new Points(suite.name, say)
    points.skip('all of it', reason)
    results.push(...points.all)
    return false
  })
  if (running.length > 0) results.push(...(await new Run(folder).all(running)))
  return close(results, folder)
}

function whyNot(
  { name, needs, isOptIn }: KnownSuite,
  named: readonly string[]
): string | undefined {
  if (isOptIn === true && !named.includes(name)) return `opt-in: npm run e2e -- ${name}`
  const missing = needs.filter(each => !isInstalled(each))
  if (missing.length === 0) return undefined
  const ofMachine = missing.filter(each => !peerNames.has(each))
  const how = ofMachine.length === missing.length ? '' : ' (run npm run peers)'
  return `not found: ${missing.join(', ')}${how}`
}

/** One run: starts control planes, runs suites on them, and stops everything, whatever fails. */
class Run {
  readonly #folder: string
  readonly #startedMs = Date.now()
  readonly #keep = new Keep()
  readonly #planes: ControlPlanes
  readonly #cleanups: (() => Promise<void>)[] = []

  constructor(folder: string) {
    this.#folder = folder
    this.#planes = new ControlPlanes({ folder, peers, keep: this.#keep, say })
    this.#cleanups.push(() => this.#planes.stop())
  }

  async all(suites: readonly KnownSuite[]): Promise<readonly PointResult[]> {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        say(`${signal}: stopping everything`)
        void this.#endAll().finally(() => process.exit(130))
      })
    }
    const results: PointResult[] = []
    const runner = new Points('the runner', say)
    process.on('unhandledRejection', error => {
      runner.report('awaits every promise', { kind: 'failed', reason: reasonOf(error) })
    })
    try {
      await takeTurns(suites, suitesAtOnce, async suite => {
        results.push(...(await this.#suite(suite)))
      })
    } finally {
      await this.#endAll()
    }
    return [...results, ...runner.all]
  }

  /** Runs a suite. An error outside of its points fails it as well. */
  async #suite(suite: KnownSuite): Promise<readonly PointResult[]> {
    const points = new Points(suite.name, say, this.#logs(suite))
    const startedMs = Date.now()
    const limitMs = Math.min(suiteLimitMs, this.#startedMs + wholeLimitMs - startedMs)
    try {
      if (limitMs <= 0) throw new Error('not started: the time limit of all suites is reached')
      await this.#prove(suite, points, limitMs)
    } catch (error) {
      points.giveUp(reasonOf(error))
    }
    say(`suite ${suite.name} took ${seconds(startedMs)} s`)
    return points.all
  }

  async #prove(suite: KnownSuite, points: Points, limitMs: number): Promise<void> {
    const { name, load, isAlone } = suite
    const plane = await this.#planes.for(suite)
    const work = path.join(this.#folder, `${name}-work`)
    const logs = path.join(this.#folder, name)
    const machine = new Machine({ work, logs, peers }, plane, this.#keep)
    const close = () => bounded(machine.close(), endLimitMs, `cleanup of ${name}`)
    this.#cleanups.push(close)
    try {
      const prove = await load()
      await bounded(prove({ machine, points }), limitMs, `suite ${name}`)
    } catch (error) {
      points.giveUp(reasonOf(error))
    }
    try {
      await close()
      if (isAlone === true) await plane?.stop()
    } catch (error) {
      points.report('cleans up', { kind: 'failed', reason: reasonOf(error) })
    }
  }

  #logs(suite: KnownSuite): PointLogs {
    return new PointLogs([planeOf(suite), suite.name].map(name => path.join(this.#folder, name)))
  }

  /** Stops everything; what cannot be stopped in time is left to the keeper. */
  async #endAll(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) {
      await bounded(cleanup(), endLimitMs, 'stopping everything').catch((error: unknown) => {
        say(String(error))
      })
    }
  }
}

/** Prints the summary and removes the data; keeps the logs if something failed. */
function close(results: readonly PointResult[], folder: string): number {
  const ended = (kind: PointResult['outcome']['kind']) =>
    results.filter(({ outcome }) => outcome.kind === kind)
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

/** True if a peer is in the cache or a program is in the PATH. */
function isInstalled(name: string): boolean {
  const folders = [peers, ...(process.env.PATH ?? '').split(path.delimiter)]
  return folders.some(folder => existsSync(path.join(folder, name)))
}

function seconds(sinceMs: number): string {
  return ((Date.now() - sinceMs) / 1_000).toFixed(1)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
