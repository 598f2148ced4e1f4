import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { ask } from '../service/loopback.ts'
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

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  return text === '' ? [] : text.split(' ').map(Number)
}

function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

async function eventually(condition: () => boolean, name: string): Promise<void> {
  for (let i = 0; i < 500; i += 1) {
    if (condition()) return
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  throw new Error(`it did not come to pass that ${name}`)
}

const noProc = process.platform === 'linux' ? false : 'processes are listed in /proc, of Linux'

t.test('Without a cel rule no process is started', { skip: noProc }, async t => {
  const folder = t.testdir({ ...files, policies: { 'team.json': policies['team.json'] } })
  const webhook = await startWebhook(t, folder)
  t.equal((await post(webhook.server, reviewOf(job('quick', 9)))).status, 200)
  t.same(childrenOf(webhook.pid), [])
})

const bundle = path.join(t.testdir(), 'mlgitops.js')
const built = spawnSync(process.execPath, ['scripts/build.ts', path.dirname(bundle)], { cwd: root })
t.equal(built.status, 0, built.stderr.toString())

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
    let isAnswered = false
    const endless = says('endless').then(outcome => {
      isAnswered = true
      return outcome
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
    t.notOk(isAnswered, 'all of them were answered while it ran')
    t.match(await endless, {
      kind: 'denied',
      code: 403,
      message: `1 violation by batch/Job ml/train
- endless (cel): the expressions took longer than 1000 ms
    field:   Job`
    })
    t.match(await says('quick'), { kind: 'allowed' })
    t.match(
      (await ask(metricsServer, { path: '/metrics' })).body,
      /^mlgitops_cel_evaluators_ended_total 1$/m
    )
  })

  t.test(`Run ${way}: evaluators end with the webhook`, { skip: noProc }, async t => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const webhook = await start(t)
      t.match(takeAnswer('a1b2', await post(webhook.server, reviewOf(job('quick')))), {
        kind: 'allowed'
      })
      await eventually(() => childrenOf(webhook.pid).length === 2, 'there are two evaluators')
      const children = childrenOf(webhook.pid)
      const cut = post(webhook.server, reviewOf(job('endless'))).catch(() => undefined)
      await new Promise(resolve => setTimeout(resolve, 300))
      t.ok(children.every(isRunning))
      webhook.signal(signal)
      t.equal(await webhook.exited, signal === 'SIGTERM' ? 0 : null)
      await cut
      await eventually(() => !children.some(isRunning), `evaluators end after ${signal}`)
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
