import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildState, objectives } from './analysis/build-state.ts'
import { Client } from './analysis/client.ts'
import { startMeasured } from './analysis/measured-process.ts'
import type { MeasuredProcess } from './analysis/measured-process.ts'

const batchEvents = 1_000
const hookCalls = 1_000
const batchType = 'application/cloudevents-batch+json'

/**
 * `npm run bench:analysis [-- --events 10000000 --rollouts 1000]`: ingest, joins and hooks of the analysis over
 * HTTP, with an empty state and with one of that many events. Rates are per second of the
 * service's own CPU time, which other work on the machine does not change, and per second of the clock.
 */
async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '10000000' },
      rollouts: { type: 'string', default: '1000' },
      batches: { type: 'string', default: '100' }
    }
  })
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

function callHook(client: Client, index: number): Promise<number> {
  const call = { name: `model-${index}`, namespace: 'ml', phase: 'Progressing', checksum: 'c' }
  return client.post(
    '/webhook/rollout',
    'application/json',
    JSON.stringify({ ...call, metadata: objectives })
  )
}

function envelope(type: string, data: object) {
  const time = new Date().toISOString()
  return { specversion: '1.0', id: randomUUID(), source: '/bench', type, time, data }
}

function predictionOf(id: string, { rollouts }: Load) {
  const variant = Math.random() < 0.5 ? 'primary' : 'canary'
  const latencyMs = Math.round(Math.random() * 1e5) / 1e3
  const data = { rollout: rolloutOf(id, rollouts), variant, id, predicted: 1, latencyMs }
  return envelope('io.mlgitops.prediction', data)
}

function feedbackOf(id: string, { rollouts }: Load) {
  return envelope('io.mlgitops.feedback', { rollout: rolloutOf(id, rollouts), id, label: 1 })
}

/** The same for a prediction and its label. */
function rolloutOf(id: string, rollouts: number): string {
  return `ml/model-${parseInt(id.slice(0, 8), 16) % rollouts}`
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
