import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { issueAuthority, issueLeaf } from '../service/certificates/issue.ts'
import { compareWith } from './admit/against.ts'
import type { Compared, Comparison } from './admit/against.ts'
import { quantile, sendLoad } from './admit/load.ts'
import type { Measured } from './admit/load.ts'
import { plainPolicies, signedPolicies } from './admit/policies.ts'
import { keyPair, largeReview, plainReview, signedReview } from './admit/reviews.ts'
import {
  processorMs,
  residentMiB,
  startFloor,
  startOpa,
  startOurs,
  startPepr
} from './admit/servers.ts'
import { startStoreServer } from './admit/store-server.ts'
import type { BenchServer } from './admit/servers.ts'

const rounds = 5
const requests = 4_000
const connections = 16
/** pepr waits for up to 3 s, twice, before it answers. */
const peprStartMs = 8_000
const longRequests = 200_000

interface Contender {
  readonly server: BenchServer
  readonly body: Buffer
  readonly measured: Measured[]
  /** Microseconds of processor time a review, by round. */
  readonly processorUs: number[]
}

/**
 * `npm run bench:admit`: reviews per second of our webhook, a bare server and its peers, in alternating
 * rounds. `--long` adds 200,000 requests with the memory before and after. `--against FILE [runs|object]`
 * compares only this build with the bundle of another one: unsigned reviews, or signed ones.
 */
async function bench(): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-'))
  const contenders: Contender[] = []
  const [otherBundle, compared] = againstOf(process.argv)
  if (otherBundle !== undefined) {
    const files = await writeFiles(folder)
    await compareWith({ ...files, otherBundle, compared }, say)
    rmSync(folder, { recursive: true, force: true })
    return
  }
  const store = await startStoreServer(folder)
  try {
    const { folder: files, trusted } = await writeFiles(folder)
    const servers = [
      await startFloor(files),
      await startOurs(files, plainPolicies()),
      await startOurs(files, signedPolicies('runs'), [trusted], 'runs'),
      await startOurs(files, signedPolicies('object'), [trusted], 'object'),
      await startPepr(files, store.kubeconfig),
      await startOpa(files)
    ]
    for (const [at, server] of servers.entries()) {
      if (server === undefined) continue
      contenders.push({
        server,
        body: at === 2 || at === 3 ? signedReview : plainReview,
        measured: [],
        processorUs: []
      })
    }
    say(
      `${plainReview.length} bytes a review, ${signedReview.length} signed; 12 policies; ${connections} connections\n`
    )
    await setTimeout(peprStartMs)
    for (let round = 0; round <= rounds; round++) {
      for (const contender of contenders) await measure(contender, round === 0)
    }
    report(contenders)
    await reportLarge(contenders.slice(0, 2))
    if (process.argv.includes('--long')) await reportMemory(contenders[1])
  } finally {
    for (const { server } of contenders) server.process.kill('SIGKILL')
    store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function againstOf(argv: readonly string[]): readonly [string | undefined, Compared] {
  const at = argv.indexOf('--against')
  if (at === -1) return [undefined, 'unsigned']
  const compared = argv[at + 2]
  return [argv[at + 1], compared === 'runs' || compared === 'object' ? compared : 'unsigned']
}

async function writeFiles(folder: string): Promise<Pick<Comparison, 'folder' | 'trusted'>> {
  const hourMs = 3_600_000
  const validity = { notBeforeMs: Date.now() - hourMs, notAfterMs: Date.now() + hourMs }
  const leaf = await issueLeaf(await issueAuthority('bench', validity), ['127.0.0.1'], validity)
  const files = {
    folder,
    certificate: path.join(folder, 'tls.crt'),
    key: path.join(folder, 'tls.key')
  }
  writeFileSync(files.certificate, leaf.certificatePem)
  writeFileSync(files.key, leaf.keyPem)
  const trusted = path.join(folder, 'trusted.pub')
  writeFileSync(trusted, keyPair.publicPem)
  return { folder: files, trusted }
}

async function measure(contender: Contender, isWarmUp: boolean): Promise<void> {
  const { server, body, measured, processorUs } = contender
  const beforeMs = processorMs(server)
  const result = await sendLoad({ ...server, body, requests, connections })
  const [status] = result.statuses.keys()
  if (result.statuses.size !== 1 || status !== 200) {
    throw new Error(`${server.name} answered ${JSON.stringify([...result.statuses])}`)
  }
  if (isWarmUp) return
  measured.push(result)
  processorUs.push(((processorMs(server) - beforeMs) * 1_000) / requests)
}

function report(contenders: readonly Contender[]): void {
  const rows = contenders.map(({ server, measured, processorUs }) => {
    const all = measured.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b)
    const rates = measured.map(({ requestsPerSecond }) => requestsPerSecond).sort((a, b) => a - b)
    const [rate, p50, p99] = [quantile(rates, 0.5), quantile(all, 0.5), quantile(all, 0.99)]
    const processor = quantile(
      [...processorUs].sort((a, b) => a - b),
      0.5
    )
    return { name: server.name, rate, p50, p99, processor, memory: residentMiB(server) }
  })
  const floor = rows[0]?.rate ?? NaN
  say(
    '| server | reviews/s (median of rounds) | of the floor | p50 ms | p99 ms | processor µs a review | RSS MiB |\n|---|---|---|---|---|---|---|\n'
  )
  for (const { name, rate, p50, p99, processor, memory } of rows) {
    const cells = [name, rate.toFixed(0), (rate / floor).toFixed(2), p50.toFixed(2), p99.toFixed(2)]
    say(`| ${[...cells, processor.toFixed(0), memory.toFixed(0)].join(' | ')} |\n`)
  }
}

/** How long small reviews wait while reviews of 1.5 MB are judged one after the other. */
async function reportLarge(contenders: readonly Contender[]): Promise<void> {
  say(`\nsmall reviews on 2 connections, reviews of ${largeReview.length} bytes on a third\n`)
  for (const { server } of contenders) {
    const small = { ...server, body: plainReview, requests: 400, connections: 2 }
    const [result] = await Promise.all([
      sendLoad(small),
      sendLoad({ ...server, body: largeReview, requests: 30, connections: 1 })
    ])
    const [p99, worst] = [quantile(result.latenciesMs, 0.99), quantile(result.latenciesMs, 1)]
    say(`${server.name}: p99 ${p99.toFixed(1)} ms, longest ${worst.toFixed(1)} ms\n`)
  }
}

async function reportMemory(contender: Contender | undefined): Promise<void> {
  if (contender === undefined) return
  const { server, body } = contender
  say(`\n${longRequests} reviews in ten parts, RSS MiB after each:`)
  for (let part = 0; part < 10; part++) {
    await sendLoad({ ...server, body, requests: longRequests / 10, connections })
    say(` ${residentMiB(server).toFixed(0)}`)
  }
  say('\n')
}

function say(text: string): void {
  process.stdout.write(text)
}

await bench()
