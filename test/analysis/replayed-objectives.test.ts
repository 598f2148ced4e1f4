import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { verdictJson } from '../../analysis/view/verdict-route.ts'
import { BenchTop, rollout } from './bench-top.ts'
import { InferenceServer } from './inference-server.ts'

const local = {
  allowed: [],
  isLocal: true,
  prometheus: undefined,
  tokens: [],
  files: { folder: undefined, isLocal: true }
}

/** A set of `[prediction, label]`: the server answers each item with the prediction that it is sent. */
type Items = readonly (readonly [predicted: unknown, label: unknown])[]

async function replay(t: Test, items: Items, objectives: Readonly<Record<string, string>>) {
  const file = path.join(t.testdir(), 'set.ndjson')
  writeFileSync(file, items.map(([, label], x) => `${JSON.stringify({ x, label })}\n`).join(''))
  const server = new InferenceServer(() => 0)
  server.misbehave = response => {
    const { instances = [] } = JSON.parse(server.bodies.at(-1) ?? '{}') as {
      readonly instances?: readonly (readonly [number])[]
    }
    const predictions = instances.map(([at]) => items[at]?.[0])
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ predictions }))
  }
  const bench = new BenchTop({ sources: local })
  t.teardown(() => {
    server.close()
    bench.analyst.stop()
  })
  const answer = await bench.hook('pre-rollout', {
    ...{ source: 'replay', 'replay.protocol': 'v1', 'replay.dataset': file },
    ...{ 'replay.url': await server.listen(), 'replay.wait': '60s', 'replay.concurrency': '1' },
    ...objectives
  })
  const view = bench.analyst.view(rollout)
  const { objectives: judged = [] } = (
    view.kind === 'judged' ? verdictJson(view.judged, bench.nowMs) : {}
  ) as { readonly objectives?: readonly Readonly<Record<string, unknown>>[] }
  return { answer, objective: judged[0] ?? {} }
}

const repeat = (times: number, ...pair: Items[number]): Items =>
  Array.from({ length: times }, () => pair)

const whole = { 'replay.stop': 'whole' }

t.test('mae and bias of a whole set are arithmetic', async t => {
  const items = [...repeat(60, 10.5, 10), ...repeat(40, 8, 10)]
  for (const [objectives, answer] of [
    [{ 'mae.max': '1.1' }, '200 pass: mae 1.1 of 100 items, after all 100 items: it meets 1.1'],
    [
      { 'mae.max': '1.05' },
      '412 fail: mae 1.1 of 100 items, after all 100 items: it does not meet'
    ],
    [{ 'bias.max': '0.5' }, '200 pass: bias -0.5 of 100 items, after all 100 items: it meets 0.5'],
    [{ 'bias.max': '0.4' }, '412 fail: bias -0.5 of 100 items, after all 100 items: it does not']
  ] as const) {
    const found = await replay(t, items, { ...objectives, 'error-cap': '5', ...whole })
    t.ok(found.answer.startsWith(answer), found.answer)
    t.match(found.objective.assumption, /errors cut at 5/)
  }
})

t.test('A replay stops when the rest cannot change a mean, or when it is proved', async t => {
  const items = repeat(2_000, 10, 10)
  const objectives = { 'mae.max': '1', 'error-cap': '10' }
  t.match(await replay(t, items, objectives), {
    answer: /^200 pass: mae 0 of 1\d{3} items, after 1\d{3} of 2000 items: .*no further item/
  })
  t.match(await replay(t, items, { ...objectives, 'replay.stop': 'early' }), {
    answer: /^200 pass: mae 0 of \d{2,3} items, after \d{2,3} of 2000 items: it meets 1, proved/
  })
})

t.test('F1 of a set', async t => {
  const items = [
    ...repeat(80, 1, 1),
    ...repeat(10, 1, 0),
    ...repeat(10, 0, 1),
    ...repeat(500, 0, 0)
  ]
  const f1 = await replay(t, items, { 'f1.min': '0.88', ...whole })
  t.match(f1.answer, /^200 pass: f1 0\.889 of 100 items, after all 600 items: it meets 0\.88/)
  t.match(await replay(t, items, { 'f1.min': '0.9' }), {
    answer: /^412 fail: .*, and no further item can change that$/
  })
})

t.test('By class, the worst class decides', async t => {
  const items = [
    ...repeat(90, 'cat', 'cat'),
    ...repeat(80, 'dog', 'dog'),
    ...repeat(20, 'dog', 'cat')
  ]
  for (const [metric, decisive, estimate] of [
    ['precision', 'dog', 0.8],
    ['recall', 'cat', 1 - 20 / 110]
  ] as const) {
    const objectives = { [`${metric}.min`]: '0.9', [`${metric}.class`]: 'cat,dog', ...whole }
    const { objective } = await replay(t, items, objectives)
    t.match(objective, { verdict: 'fail', class: decisive, estimate })
    const met = { ...objectives, [`${metric}.min`]: '0.8' }
    t.match(await replay(t, items, met), { objective: { verdict: 'pass', class: decisive } })
  }
})

t.test('With tolerance, a number is right near its label', async t => {
  const items = [...repeat(95, 10.4, 10), ...repeat(5, 12, 10)]
  const judged = async (tolerance: string) =>
    (await replay(t, items, { 'accuracy.min': '0.95', tolerance, ...whole })).answer
  t.match(await judged('0.5'), /^200 pass: accuracy 0\.95 of 100 items/)
  t.match(await judged('3%'), /^412 fail: accuracy 0 of 100 items/)
})

t.test('AUC is judged by pairs in the random order of the set', async t => {
  const items = Array.from(
    { length: 600 },
    (_, at) => [at % 3 === 0 ? 0.6 + (at % 5) / 20 : (at % 7) / 10, at % 3 === 0 ? 1 : 0] as const
  )
  const objectives = { 'auc.min': '0.8', threshold: '0.5' }
  t.match(await replay(t, items, objectives), {
    answer:
      /^200 pass: auc (?:1|0\.9\d*) of \d+ items, after \d+ of 600 items: it meets 0\.8, proved$/
  })
  t.match(await replay(t, items, { 'auc.min': '0.8' }), {
    answer: /^424 .*auc needs scores: choose an output that is one, and give threshold or classes/
  })
})

t.test('What is no number is no verdict', async t => {
  const objectives = { 'mae.max': '1', 'error-cap': '5' }
  t.match(await replay(t, repeat(50, 1, 'cat'), objectives), {
    answer: /^424 .*the labelled set has the label "cat", which is not a number/
  })
  t.match(await replay(t, repeat(50, 'cat', 1), objectives), {
    answer: /^424 .*not numbers after \d+ joined events: a prediction is "cat", its label is "1"/
  })
})
