import { spawnSync } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { buildInto } from '../built.ts'
import { descendants, isRunning, withoutProc } from '../process-tree.ts'
import { ask } from '../service/loopback.ts'
import { eventually } from '../eventually.ts'
import { takeAnswer } from './api-server.ts'
import { demanding, jobWith, leafFor, post, reviewOf, startWebhook } from './webhook-process.ts'

const pair = await leafFor(1)
const files = { 'tls.crt': pair.certificatePem, 'tls.key': pair.keyPem }
const root = path.join(import.meta.dirname, '../..')

/** A policy of one expression, which judges Jobs with the label `use` of that value. */
function celPolicy(use: string, validation: JsonObject): string {
  return JSON.stringify({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name: use },
    spec: {
      validationActions: ['Deny'],
      matchConstraints: { roles: ['train'], objectSelector: { matchLabels: { use } } },
      rules: [{ cel: { validations: [validation] } }]
    }
  })
}

const policies = {
  'team.json': demanding('team'),
  'endless.json': celPolicy('endless', {
    expression: 'object.args.all(a, object.args.all(b, a == b))'
  }),
  'quick.json': celPolicy('quick', {
    expression: 'object.spec.parallelism + 1 <= 4',
    messageExpression: '"parallelism " + string(object.spec.parallelism) + " is over 3"',
    field: 'spec.parallelism'
  })
}
const args = Array.from({ length: 50_000 }, () => 'x')

function job(use: string, parallelism = 3): JsonObject {
  const object = jobWith({ team: 'a', use })
  const more = use === 'endless' ? { args } : {}
  return { ...object, ...more, spec: { ...(object.spec as JsonObject), parallelism } }
}

t.test('Without a cel rule no process is started', { skip: withoutProc }, async t => {
  const folder = t.testdir({ ...files, policies: { 'team.json': policies['team.json'] } })
  const webhook = await startWebhook(t, folder)
  t.equal((await post(webhook.server, reviewOf(job('quick', 9)))).status, 200)
  t.same(descendants(webhook.pid), [])
})

const bundle = path.join(t.testdir(), 'mlgitops.js')
buildInto(path.dirname(bundle))

const ways: readonly (readonly [string, string | undefined])[] = [
  ['from source', undefined],
  ['from the bundle', bundle]
]
for (const [way, main] of ways) {
  const start = (t: Test) => startWebhook(t, t.testdir({ ...files, policies }), [], main)

  t.test(`Run ${way}: an endless expression costs its own request only`, async t => {
    const { server, metricsServer } = await start(t)
    const says = async (use: string, parallelism?: number) => {
      const reply = await post(server, reviewOf(job(use, parallelism)))
      return takeAnswer('a1b2', reply)
    }
    t.match(await says('quick'), { kind: 'allowed' })
    let attempts = 0
    // On a busy machine the others can take longer than the second of the endless one.
    await eventually(async () => {
      attempts += 1
      let isAnswered = false
      const endless = says('endless').finally(() => {
        isAnswered = true
      })
      t.match(await says('none'), { kind: 'allowed' })
      t.match(await says('quick', 4), {
        kind: 'denied',
        code: 403,
        message: `1 violation by batch/Job ml/train
- quick (cel): parallelism 4 is over 3
    field:   spec.parallelism`
      })
      t.equal((await ask(metricsServer, { path: '/readyz' })).status, 200)
      const wereFirst = !isAnswered
      t.match(await endless, {
        kind: 'denied',
        code: 403,
        message: `1 violation by batch/Job ml/train
- endless (cel): the expressions took longer than 1000 ms
    field:   Job`
      })
      return wereFirst
    })
    t.match(await says('quick'), { kind: 'allowed' })
    const { body } = await ask(metricsServer, { path: '/metrics' })
    t.match(body, `\nmlgitops_cel_evaluators_ended_total ${attempts}\n`)
  })

  t.test(`Run ${way}: evaluators end with the webhook`, { skip: withoutProc }, async t => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const webhook = await start(t)
      t.match(takeAnswer('a1b2', await post(webhook.server, reviewOf(job('quick')))), {
        kind: 'allowed'
      })
      await eventually(() => descendants(webhook.pid).length === 2)
      const children = descendants(webhook.pid)
      const cut = post(webhook.server, reviewOf(job('endless'))).catch(() => undefined)
      await eventually(async () => {
        const { body } = await ask(webhook.metricsServer, { path: '/metrics' })
        return /^mlgitops_http_requests_in_flight 1$/m.test(body)
      })
      t.ok(children.every(isRunning))
      webhook.signal(signal)
      t.equal(await webhook.exited, signal === 'SIGTERM' ? 0 : null)
      await cut
      await eventually(() => !children.some(isRunning))
    }
  })
}

t.test('Only mlgitops itself can start the evaluator command', t => {
  for (const main of [path.join(root, 'bin/mlgitops.js'), bundle]) {
    const { status, stderr } = spawnSync(process.execPath, [main, 'cel-evaluator'])
    t.same(
      [status, stderr.toString().split('\n')[0]],
      [2, 'mlgitops cel-evaluator: only mlgitops itself starts this command']
    )
  }
  t.end()
})
