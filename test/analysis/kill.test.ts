import path from 'node:path'
import t from 'tap'
import { seeded } from '../../bench/verdicts/random.ts'
import { endAnalysis, startAnalysis } from './analysis-process.ts'
import { batched, counts, hook, json, objectives, post, prediction } from './analysis-requests.ts'

const batchEvents = 50
const batches = 30

interface Report {
  readonly run: { readonly number: number }
  readonly hooks: readonly { readonly type: string }[]
}

for (const seed of [1, 2, 3, 4]) {
  t.test(
    `kill -9 during events and hooks, seed ${seed}: acknowledged events count, once`,
    async t => {
      const { uniform } = seeded(seed)
      const state = path.join(t.testdir({}), 'state.db')
      const first = await startAnalysis(['--state', state])
      await post(`${first.url}/webhook/pre-rollout`, hook(objectives), json)
      const bodies = Array.from({ length: batches }, (_, batch) =>
        JSON.stringify(
          Array.from({ length: batchEvents }, (_unused, index) =>
            prediction(`${batch}-${index}`, { label: index < 5 ? 0 : 1 })
          )
        )
      )
      const killAfter = 1 + Math.floor(uniform() * 2 * batches)
      const known = { events: 0, hooks: 1 }
      const acknowledge = (kind: keyof typeof known) => {
        known[kind] += 1
        if (known.events + known.hooks === killAfter) first.child.kill('SIGKILL')
      }
      const calls = bodies.flatMap(body => [
        async () => {
          const reply = await post(`${first.url}/v1/events`, body, batched)
          if (reply.status === 200) acknowledge('events')
        },
        async () => {
          const reply = await post(`${first.url}/webhook/rollout`, hook(), json)
          if (reply.status === 200) acknowledge('hooks')
        }
      ])
      const order = calls.map(call => ({ call, at: uniform() })).sort((a, b) => a.at - b.at)
      await Promise.allSettled(order.map(({ call }) => call()))
      first.child.kill('SIGKILL')
      const second = await startAnalysis(['--state', state])
      const [, events = '0'] = /accuracy \d+\/(\d+)/.exec(await counts(second.url)) ?? []
      t.ok(Number(events) >= known.events * batchEvents, `${events} of ${known.events} batches`)
      t.equal(Number(events) % batchEvents, 0)
      const response = await fetch(`${second.url}/rollouts/ml/churn`, {
        headers: { accept: 'application/json' }
      })
      const { run, hooks } = (await response.json()) as Report
      t.equal(run.number, 1)
      t.ok(hooks.length >= known.hooks, `${hooks.length} of ${known.hooks} hook calls`)
      for (const body of bodies) await post(`${second.url}/v1/events`, body, batched)
      t.equal(await counts(second.url), 'accuracy 150/1500, latency.p99 0/1500')
      t.equal(await endAnalysis(second, 'SIGTERM'), 0)
    }
  )
}
