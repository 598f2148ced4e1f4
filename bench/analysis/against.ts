import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Client } from './client.ts'
import { feedbackOf, kserveHalvesOf, predictionOf } from './events.ts'
import { callHook } from './hooks.ts'
import { startMeasured } from './measured-process.ts'
import type { MeasuredProcess } from './measured-process.ts'

const rollouts = 100
const batchesOfRound = 4
const hooksOfRound = 200
const warmUpRounds = 5
const batchType = 'application/cloudevents-batch+json'

interface Side {
  readonly service: MeasuredProcess
  readonly client: Client
}

/** CPU microseconds for one event or hook. */
type Round = Readonly<Record<Work, number>>

const works = ['predictions', 'labels', 'kserve', 'hooks'] as const
type Work = (typeof works)[number]

/**
 * Compares this revision with the one in another folder. Both services run at the same time and get the same
 * events in short rounds, in turns: other work on the machine affects both, and the median of the rounds' ratios
 * cancels it. A ratio above 1 means that this revision needs less CPU time.
 */
export async function compareWith(
  other: string,
  { rounds, batchEvents }: { readonly rounds: number; readonly batchEvents: number },
  say: (text: string) => void
): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-bench-'))
  const sides: Side[] = []
  try {
    for (const [name, root] of [
      ['other', other],
      ['own', undefined]
    ] as const) {
      const service = await startMeasured(path.join(folder, `${name}.db`), root)
      const client = new Client(service.url)
      sides.push({ service, client })
      for (let index = 0; index < rollouts; index += 1) await callHook(client, index)
    }
    const pairs: (readonly Round[])[] = []
    for (let round = -warmUpRounds; round < rounds; round += 1) {
      const pair = await measurePair(sides, round % 2 === 0, batchEvents)
      if (round >= 0) pairs.push(pair)
    }
    report(pairs, batchEvents, say)
  } finally {
    for (const { client, service } of sides) {
      client.stop()
      await service.stop()
    }
    rmSync(folder, { recursive: true, force: true })
  }
}

function report(
  pairs: readonly (readonly Round[])[],
  batchEvents: number,
  say: (text: string) => void
): void {
  say(`${pairs.length} rounds, batches of ${batchEvents} events, ${rollouts} rollouts`)
  say(
    '| | other, µs of a core | this, µs of a core | other / this: quarter | median | three quarters |'
  )
  say('| --- | --- | --- | --- | --- | --- |')
  for (const work of works) {
    const [other, own] = [0, 1].map(at =>
      quantile(
        pairs.map(pair => pair[at]?.[work]),
        0.5
      )
    )
    const ratios = pairs.map(
      ([one, two]) => (one?.[work] ?? Number.NaN) / (two?.[work] ?? Number.NaN)
    )
    const shown = [0.25, 0.5, 0.75].map(level => quantile(ratios, level).toFixed(2))
    say(`| ${[work, other?.toFixed(1), own?.toFixed(1), ...shown].join(' | ')} |`)
  }
}

async function measurePair(
  sides: readonly Side[],
  isOtherFirst: boolean,
  batchEvents: number
): Promise<readonly Round[]> {
  const bodies = bodiesOf(batchEvents)
  const order = isOtherFirst ? sides : sides.toReversed()
  const measured = sides.map(() => ({ predictions: 0, labels: 0, kserve: 0, hooks: 0 }))
  for (const work of works) {
    for (const side of order) {
      const round = measured[sides.indexOf(side)]
      if (round !== undefined) round[work] = await measure(side, bodies[work])
    }
  }
  return measured
}

interface Load {
  readonly bodies: readonly string[]
  readonly count: number
}

function bodiesOf(batchEvents: number): Readonly<Record<Work, Load>> {
  const ids = Array.from({ length: batchesOfRound }, () =>
    Array.from({ length: batchEvents }, () => randomUUID())
  )
  const load = { rollouts }
  const batches = (eventsOf: (id: string) => readonly object[]): Load => ({
    bodies: ids.map(batch => JSON.stringify(batch.flatMap(eventsOf))),
    count: batchesOfRound * batchEvents
  })
  return {
    predictions: batches(id => [predictionOf(id, load)]),
    labels: batches(id => [feedbackOf(id, load)]),
    kserve: batches(id => kserveHalvesOf(`k${id}`, load)),
    hooks: { bodies: [], count: hooksOfRound }
  }
}

async function measure({ service, client }: Side, { bodies, count }: Load): Promise<number> {
  const before = service.cpuSeconds()
  for (const body of bodies) await client.post('/v1/events', batchType, body)
  if (bodies.length === 0) {
    for (let call = 0; call < count; call += 1) await callHook(client, (call * 7) % rollouts)
  }
  return ((service.cpuSeconds() - before) * 1e6) / count
}

function quantile(values: readonly (number | undefined)[], level: number): number {
  const sorted = values.flatMap(value => value ?? []).sort((a, b) => a - b)
  return sorted[Math.floor(level * sorted.length)] ?? Number.NaN
}
