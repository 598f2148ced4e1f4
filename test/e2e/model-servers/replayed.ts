import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { drawPoints } from '../../analysis/classifier.ts'
import { eventually } from '../rig/eventually.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import type { Analysis } from './analysis.ts'
import { predictionsOf } from './log.ts'
import type { Prediction } from './log.ts'
import { ModelServer } from './model-server.ts'

const held = drawPoints(400, 2)
/** Items between two states that are kept: requests at a time, and rounds of them. */
const partItems = 4 * 8

/** Replays a labelled set against a server of both protocols that hangs, answers wrongly and crashes. */
export async function proveReplayed(
  machine: Machine,
  points: Points,
  analysis: Analysis
): Promise<void> {
  const dataset = path.join(machine.folder, 'holdout.ndjson')
  writeFileSync(dataset, held.map(({ x, y }) => `${JSON.stringify({ x, label: y })}\n`).join(''))
  const server = await ModelServer.start(machine, 'replayed')
  const { host } = new URL(server.url)
  const metadata = (more: Readonly<Record<string, string>> = {}) => ({
    source: 'replay',
    'replay.url': server.url,
    'replay.dataset': dataset,
    'replay.model': 'churn',
    'replay.stop': 'whole',
    'replay.warmup': '0',
    'replay.wait': '60s',
    'accuracy.min': '0.9',
    ...more
  })

  for (const [protocol, batch, requests] of [
    ['v2', '1', 400],
    ['v1', '7', 58]
  ] as const) {
    await points.check(`${protocol}: the accuracy is that of the server's log`, async () => {
      const before = predictionsOf(server.entries).length
      const objectives = metadata({ 'replay.protocol': protocol, 'replay.batch': batch })
      const answer = await analysis.hook('pre-rollout', objectives, `replayed-${protocol}`)
      const asked = predictionsOf(server.entries).slice(before)
      assert.equal(asked.length, requests)
      assert.equal(answer, passed(rightOf(asked)))
    })
  }

  for (const [lie, body, reason] of lies) {
    await points.check(`a server that lies (${lie}) is down and gives no verdict`, async () => {
      await server.misbehave({ kind: 'lie', body })
      const protocol = body.startsWith('{"predictions"') ? 'v1' : 'v2'
      const objectives = metadata({ 'replay.protocol': protocol })
      const name = `lied-to-${lie.replaceAll(' ', '-')}`
      const down = `the source is down: ${host}${reason}`
      assert.equal(await analysis.hook('pre-rollout', objectives, name), `424 ${down}`)
      assert.equal(await analysis.hook('rollback', objectives, name), `404 ${down}`)
      assert.deepEqual(await analysis.counts(name), {})
    })
  }

  await points.check('a server that hangs is down and gives no verdict', async () => {
    await server.misbehave({ kind: 'hang' })
    const objectives = metadata({ 'replay.timeout': '300ms' })
    const down = `the source is down: ${host} did not respond in time`
    assert.equal(await analysis.hook('pre-rollout', objectives, 'hung'), `424 ${down}`)
    assert.equal(await analysis.hook('rollback', objectives, 'hung'), `404 ${down}`)
  })

  await points.check(
    'after a crash of the server the replay continues where it stopped',
    async () => {
      await server.restart()
      const before = predictionsOf(server.entries).length
      await server.misbehave({ kind: 'die', at: 150 })
      const down = `the source is down: ${host} cannot be reached (ECONNREFUSED)`
      assert.equal(await analysis.hook('pre-rollout', metadata(), 'died'), `424 ${down}`)
      await eventually(() => server.hasEnded || undefined, { what: 'the server has died' })
      await server.restart()
      const answer = await analysis.hook('confirm-promotion', metadata(), 'died')
      const asked = predictionsOf(server.entries).slice(before)
      assert.equal(answer, passed(rightOf(held.map(({ x }) => answerTo(asked, x)))))
      assert.ok(
        asked.length > held.length && asked.length <= held.length + partItems,
        `${asked.length}`
      )
    }
  )
}

const output = (data: readonly unknown[], shape: readonly number[]) =>
  JSON.stringify({ outputs: [{ name: 'predict', datatype: 'FP64', shape, data }] })

const lies = [
  ['wrong shape', output([1, 0], [1, 1]), ': the shape of its output does not match its data'],
  ['too many outputs', output([1, 0], [2, 1]), ': it sent 2 outputs for 1 items'],
  ['too many predictions', '{"predictions":[1,0]}', ': it sent 2 predictions for 1 items'],
  [
    'not a number',
    '{"outputs":[{"shape":[1,1],"data":[NaN]}]}',
    ' sent a response that is not JSON'
  ],
  ['null', output([null], [1, 1]), ': a prediction is not a class'],
  ['nothing', '{}', ': its response has no outputs']
] as const

function passed(right: number): string {
  const share = Number((right / held.length).toPrecision(3))
  return `200 pass: accuracy ${share} of ${held.length} items, after all ${held.length} items: it meets 0.9, and no further item can change that`
}

/** How many items of the set the log has right. */
function rightOf(predictions: readonly Prediction[]): number {
  const labels = new Map(held.map(({ x, y }) => [x.join(), y]))
  const right = ({ instances, predicted }: Prediction) =>
    instances.filter((x, at) => labels.get(x.join()) === predicted[at]).length
  return predictions.reduce((sum, prediction) => sum + right(prediction), 0)
}

function answerTo(asked: readonly Prediction[], x: readonly number[]): Prediction {
  const found = asked.find(({ instances }) => instances[0]?.join() === x.join())
  if (found === undefined) throw new Error(`nobody asked for ${x.join()}`)
  return found
}
