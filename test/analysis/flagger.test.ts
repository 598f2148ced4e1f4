import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { CanaryController } from '../../bin/demo/flagger/canary-controller.ts'
import { callWebhook } from '../../bin/demo/flagger/client.ts'
import type { HookType } from '../../analysis/hook/hook.ts'
import { BenchTop, rollout } from './bench-top.ts'

const objectives = {
  'precision.min': '0.92',
  'latency.p99.max': '100ms',
  'latency.p99.critical': 'true',
  maturity: '0s',
  block: '1m',
  'max-analysis': '40m'
}

/** A rollout in front of the analyst, whose clock moves by an interval a tick. */
async function roll(
  hooks: readonly HookType[],
  canary: { readonly events: number; readonly badRatio: number; readonly latencyMs?: number },
  metadata: Readonly<Record<string, string>> = objectives
): Promise<{
  readonly controller: CanaryController
  readonly ticks: number
  readonly bench: BenchTop
}> {
  const bench = new BenchTop()
  const controller = new CanaryController(
    {
      ...rollout,
      stepWeight: 10,
      maxWeight: 50,
      threshold: 3,
      webhooks: hooks.map(type => ({
        name: type,
        type,
        url: 'http://analysis',
        ...(type === 'rollback' || type === 'post-rollout' || type === 'event' ? {} : { metadata })
      }))
    },
    async ({ type }, payload) => {
      const { status, text } = await bench.analyst.answer({
        type: type as HookType,
        rollout,
        phase: payload.phase,
        checksum: payload.checksum,
        metadata: new Map(Object.entries(payload.metadata ?? {}))
      })
      return status <= 202 ? { isPassed: true, text: '' } : { isPassed: false, text }
    }
  )
  controller.deploy('c1')
  let ticks = 0
  for (; ticks < 80 && !controller.isOver; ticks += 1) {
    await controller.tick()
    const events = Math.round((canary.events * controller.weight) / 100)
    const bad = Math.round(events * canary.badRatio)
    if (events > 0) await bench.send('canary', { events, bad, latencyMs: canary.latencyMs ?? 50 })
    bench.nowMs += 60_000
  }
  return { controller, ticks, bench }
}

const all: readonly HookType[] = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'post-rollout',
  'event'
]

t.test('A good canary is promoted', async t => {
  const { controller } = await roll(['rollout', 'confirm-promotion', 'rollback', 'post-rollout'], {
    events: 1_000,
    badRatio: 0.04
  })
  t.equal(controller.phase, 'Succeeded')
  t.same(controller.events, [
    'New revision detected! Scaling up churn.ml',
    'Advance churn.ml canary weight 10',
    'Advance churn.ml canary weight 20',
    'Advance churn.ml canary weight 30',
    'Advance churn.ml canary weight 40',
    'Advance churn.ml canary weight 50',
    'Promotion completed! Scaling down churn.ml'
  ])
})

t.test('A bad canary is rolled back by the rollback hook, whatever the threshold', async t => {
  for (const [canary, events] of [
    [{ events: 1_000, badRatio: 0.2 }, 'precision'],
    [
      { events: 1_000, badRatio: 0.04, latencyMs: 300 },
      'share of requests slower than 100 ms at least'
    ]
  ] as const) {
    const { controller, bench } = await roll(all, canary)
    t.equal(controller.phase, 'Failed', events)
    t.equal(controller.failedChecks, 0)
    t.same(controller.events.slice(-3, -1), [
      'Rolling back churn.ml manual webhook invoked',
      'Canary failed! Scaling down churn.ml'
    ])
    t.ok(
      controller.events.at(-1)?.startsWith(`Post-rollout hook post-rollout failed fail: ${events} `)
    )
    const view = bench.analyst.view(rollout)
    t.equal(view.kind === 'judged' && view.judged.run.row.endedPhase, 'Failed')
  }
})

t.test(
  'Without a rollback hook, a bad canary fails checks up to the threshold, with the reason',
  async t => {
    const { controller } = await roll(['rollout'], { events: 1_000, badRatio: 0.2 })
    t.equal(controller.phase, 'Failed')
    t.match(
      controller.events.find(event => event.startsWith('Halt')),
      /^Halt churn\.ml advancement external check rollout failed fail: precision at most 0\.\d+; limit 0\.92, margin 0\.02; estimate 0\.8 of \d+ events$/
    )
  }
)

t.test('An undecided canary is held at confirm-promotion, then settled by policy', async t => {
  const { controller, ticks } = await roll(all, { events: 40, badRatio: 0.08 })
  t.equal(controller.phase, 'Failed')
  t.ok(ticks > 40)
  const promoted = await roll(
    all,
    { events: 40, badRatio: 0.05 },
    { ...objectives, 'on-inconclusive': 'pass' }
  )
  t.equal(promoted.controller.phase, 'Succeeded')
})

t.test('Gates at weight 0 do not hold a canary back for lack of traffic', async t => {
  const { controller } = await roll(
    all,
    { events: 1_000, badRatio: 0.04 },
    { ...objectives, 'step-gate': 'pass' }
  )
  t.equal(controller.phase, 'Succeeded')
})

t.test('The client follows the rules of go-retryablehttp', async t => {
  const answers: readonly (readonly [number, string, Record<string, string>?])[] = [
    [200, 'ok'],
    [202, 'ok'],
    [203, 'well'],
    [412, 'fail: precision'],
    [501, 'not here'],
    [429, 'lost'],
    [500, 'lost'],
    [302, 'moved', { location: '/get' }]
  ]
  const server = createServer((request, response) => {
    request.resume()
    if (request.url === '/get') {
      response.end(request.method)
      return
    }
    const [status, body, headers = {}] = answers[Number(request.url?.slice(1))] ?? [500, '']
    response.writeHead(status, headers).end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const payload = { name: 'c', namespace: 'n', phase: 'Progressing', checksum: '' }
  const results = []
  for (const index of answers.keys()) {
    const webhook = { name: 'w', type: 'rollout', url: `${url}/${index}` }
    const { isPassed, text } = await callWebhook(webhook, payload)
    results.push(isPassed ? 'passed' : text.replace(url, ''))
  }
  t.same(results, [
    'passed',
    'passed',
    'well',
    'fail: precision',
    'not here',
    'POST /5 giving up after 1 attempt(s)',
    'POST /6 giving up after 1 attempt(s)',
    'passed'
  ])
  server.close()
})
