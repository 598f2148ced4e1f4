import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compareWith } from './analysis/against.ts'
import { buildState } from './analysis/build-state.ts'
import { Client } from './analysis/client.ts'
import { feedbackOf, predictionOf } from './analysis/events.ts'
import { callHook } from './analysis/hooks.ts'
import { startMeasured } from './analysis/measured-process.ts'
import type { MeasuredProcess } from './analysis/measured-process.ts'

const batchEvents = 1_000
const hookCalls = 1_000
const batchType = 'application/cloudevents-batch+json'

/**
 * `npm run bench:analysis [-- --events 10000000 --rollouts 1000]`: ingest, joins and hooks of the analysis over
 * HTTP, with an empty state and with one of that many events. Rates are per second of the
 * service's own CPU time, which other work on the machine does not change, and per second of the clock.
 *
 * `-- --against FOLDER [--rounds 40] [--batch 1000]` compares it with the revision in another folder.
 */
async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '10000000' },
      rollouts: { type: 'string', default: '1000' },
      batches: { type: 'string', default: '100' },
      against: { type: 'string' },
      rounds: { type: 'string', default: '40' },
      batch: { type: 'string', default: '1000' }
    }
  })
  if (values.against !== undefined) {
    const [rounds, batchEvents] = [Number(values.rounds), Number(values.batch)]
    await compareWith(values.against, { rounds, batchEvents }, say)
    return
  }
  const [events, rollouts, batches] = [values.events, values.rollouts, values.batches].map(Number)
  if (events === undefined || rollouts === undefined || batches === undefined) return
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-'))
  try {
    say('an empty state')
    await measure(path.join(folder, 'empty.db'), { rollouts: 1, batches })
    const file = path.join(folder, 'full.db')
    const startedMs = performance.now()
    await buildState(file, { rollouts, events })
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0)
    say(
      `\n${events} events of ${rollouts} rollouts: ${megabytes(statSync(file).size)} MB, written in ${seconds} s`
    )
    await measure(file, { rollouts, batches })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Load {
  readonly rollouts: number
  readonly batches: number
}

async function measure(file: string, load: Load): Promise<void> {
  const service = await startMeasured(file)
  const client = new Client(service.url)
  say(`  ready after ${service.startSeconds.toFixed(1)} s`)
  for (let index = 0; index < load.rollouts; index += 1) await callHook(client, index)
  await reportHooks('hooks alone', service, client, load)
  const ids = Array.from({ length: load.batches }, () =>
    Array.from({ length: batchEvents }, () => randomUUID())
  )
  const predictions = ids.map(batch => JSON.stringify(batch.map(id => predictionOf(id, load))))
  const labels = ids.map(batch => JSON.stringify(batch.map(id => feedbackOf(id, load))))
  await reportIngest('predictions', service, client, predictions)
  await reportIngest('joined labels', service, client, labels)
  await reportMixed(service, client, load)
  const [now, peak] = [service.memoryMegabytes(), service.peakMegabytes()]
  say(`  memory ${now.toFixed(0)} MB, at most ${peak.toFixed(0)} MB`)
  const scrapeMs = await scrape(service)
  say(`  /metrics in ${scrapeMs.toFixed(0)} ms`)
  client.stop()
  await service.stop()
}

async function reportIngest(
  what: string,
  service: MeasuredProcess,
  client: Client,
  bodies: readonly string[]
): Promise<void> {
  const [startedMs, before] = [performance.now(), service.cpuSeconds()]
  for (const body of bodies) await client.post('/v1/events', batchType, body)
  const events = bodies.length * batchEvents
  const byCore = Math.round(events / (service.cpuSeconds() - before))
  const byClock = Math.round((events / (performance.now() - startedMs)) * 1_000)
  say(`  ${what} in batches of ${batchEvents}: ${byCore}/s of a core, ${byClock}/s by the clock`)
}

async function reportHooks(
  what: string,
  service: MeasuredProcess,
  client: Client,
  { rollouts }: Load
): Promise<void> {
  const before = service.cpuSeconds()
  const times: number[] = []
  for (let call = 0; call < hookCalls; call += 1) {
    times.push(await callHook(client, (call * 7_919) % rollouts))
  }
  const cpuMs = ((service.cpuSeconds() - before) * 1_000) / hookCalls
  say(`  ${what}: ${quantiles(times)}, ${cpuMs.toFixed(2)} ms of a core each`)
}

/** Hooks while events arrive without a pause. */
async function reportMixed(service: MeasuredProcess, client: Client, load: Load): Promise<void> {
  const sender = new Client(service.url)
  const sends = new AbortController()
  const sending = sendUntil(sends.signal, sender, load)
  await reportHooks('hooks while batches of 100 arrive', service, client, load)
  sends.abort()
  say(`    (${await sending} batches)`)
  sender.stop()
}

async function sendUntil(over: AbortSignal, sender: Client, load: Load): Promise<number> {
  let batches = 0
  for (; !over.aborted; batches += 1) {
    const events = Array.from({ length: 100 }, () => predictionOf(randomUUID(), load))
    await sender.post('/v1/events', batchType, JSON.stringify(events))
  }
  return batches
}

async function scrape(service: MeasuredProcess): Promise<number> {
  const startedMs = performance.now()
  await (await fetch(`${service.url}/metrics`)).text()
  return performance.now() - startedMs
}

function quantiles(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (level: number) => (sorted[Math.floor(level * sorted.length)] ?? 0).toFixed(2)
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_048_576)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

await bench()
