import t from 'tap'
import { readRolloutOf } from '../../analysis/event/rollout-of.ts'
import { UnknownRollouts } from '../../analysis/event/unknown-rollouts.ts'
import { post } from './analysis-requests.ts'
import { InProcess } from './in-process.ts'

const objectives = { 'accuracy.min': '0.5', maturity: '0s', block: '1s' }
const fraud = { name: 'fraud' }

/** What KServe's logger sends of one inference of an InferenceService in `ml`. */
async function logs(
  service: InProcess,
  name: string,
  id: string,
  annotations: Readonly<Record<string, string>> = {}
) {
  const time = new Date(service.nowMs).toISOString()
  const send = (kind: string, body: string) =>
    post(`${service.url}/v1/events/canary`, body, {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': 'http://localhost:9081/',
      'ce-type': `org.kubeflow.serving.inference.${kind}`,
      'ce-time': time,
      'ce-namespace': 'ml',
      'ce-inferenceservicename': name,
      'ce-annotations': JSON.stringify(annotations),
      'content-type': 'application/json'
    })
  await send('request', '{"instances":[[1]]}')
  const last = await send('response', '{"predictions":[1]}')
  return `${last.status} ${last.body}`
}

async function eventsOf(service: InProcess): Promise<number | undefined> {
  const answer = await fetch(`${service.url}/v1/verdict?namespace=ml&name=fraud`)
  const { objectives: judged = [] } = (await answer.json()) as {
    readonly objectives?: readonly { readonly metric: string; readonly events: number }[]
  }
  return judged.find(({ metric }) => metric === 'error-rate')?.events
}

async function listed(service: InProcess) {
  const answer = await fetch(`${service.url}/rollouts`)
  return ((await answer.json()) as { readonly unknown: unknown }).unknown
}

const byErrors = { ...objectives, 'error-rate.max': '0.5' }

t.test('events of another name go to the rollout that an option names', async t => {
  const rolloutOf = readRolloutOf(['ml/fraud-predictor-v2=ml/fraud', 'ml/old=ml/fraud'])
  const service = await new InProcess().start({ rolloutOf })
  t.teardown(() => service.stop())
  await service.hook('rollout', byErrors, fraud)
  t.equal(await logs(service, 'fraud-predictor-v2', 'r1'), '200 {"accepted":1}')
  t.equal(await logs(service, 'fraud', 'r2'), '200 {"accepted":1}')
  const sent = await service.send('canary', { events: 3, rollout: 'ml/old' })
  t.equal(sent.body, '{"accepted":3}', 'our own form too')
  service.nowMs += 120_000
  t.equal(await eventsOf(service), 5)
  t.same(await listed(service), [])
})

t.test('events go to the rollout that an annotation names, before the option', async t => {
  const rolloutOf = readRolloutOf(['ml/fraud-v2=ml/other'])
  const service = await new InProcess().start({ rolloutOf })
  t.teardown(() => service.stop())
  await service.hook('rollout', byErrors, fraud)
  const annotated = (text: string) => ({ 'mlgitops.io/rollout': text })
  t.equal(await logs(service, 'fraud-v2', 'r1', annotated('fraud')), '200 {"accepted":1}')
  t.equal(await logs(service, 'fraud-v2', 'r2', annotated('ml/fraud')), '200 {"accepted":1}')
  service.nowMs += 120_000
  t.equal(await eventsOf(service), 2)
  for (const text of ['', 'a/b/c', 'Fraud', 'ml/', 'x'.repeat(300)]) {
    t.equal(
      await logs(service, 'fraud-v2', 'r3', annotated(text)),
      '400 {"accepted":0,"refused":[{"index":0,"id":"r3","reason":"the annotation mlgitops.io/rollout must be NAME or NAMESPACE/NAME of a Canary"}]}'
    )
  }
})

t.test('a namespace that is not judged cannot be reached by an annotation', async t => {
  const service = await new InProcess().start({ namespaces: ['ml'] })
  t.teardown(() => service.stop())
  t.match(
    await logs(service, 'fraud', 'r1', { 'mlgitops.io/rollout': 'other/fraud' }),
    /^400 .*this service does not judge namespace other/
  )
})

t.test('events of an unknown rollout are counted and listed until a hook names it', async t => {
  const service = await new InProcess().start()
  t.teardown(() => service.stop())
  await logs(service, 'fraud-predictor-v2', 'r1')
  await logs(service, 'fraud-predictor-v2', 'r2')
  const lastEventAt = new Date(service.nowMs).toISOString()
  t.same(await listed(service), [
    { namespace: 'ml', name: 'fraud-predictor-v2', events: 4, lastEventAt }
  ])
  t.match(
    await (await fetch(`${service.url}/metrics`)).text(),
    /^mlgitops_analysis_events_unknown_rollout_total 4$/m
  )
  service.nowMs += 5_000
  const page = await (await fetch(`${service.url}/`)).text()
  t.match(page, 'Events of unknown rollouts')
  t.match(
    page,
    /ml\/fraud-predictor-v2<\/td>\s*<td class="number" data-label="events">4<\/td>\s*<td data-label="last event">5 s ago/
  )
  await service.hook('rollout', objectives, { name: 'fraud-predictor-v2' })
  t.same(await listed(service), [])
  t.notMatch(await (await fetch(`${service.url}/`)).text(), 'Events of unknown rollouts')
})

t.test('the names of unknown rollouts are bounded: the silent ones are forgotten first', t => {
  const unknown = new UnknownRollouts()
  const name = (index: number) => ({ namespace: 'ml', name: `n${index}` })
  for (let index = 0; index < 150; index += 1) {
    unknown.add(name(index), index)
    unknown.add(name(0), index)
  }
  const all = unknown.list(() => true)
  t.equal(all.length, 100)
  t.same(all[0], { ...name(0), events: 151, lastMs: 149 })
  t.same(all.at(-1), { ...name(51), events: 1, lastMs: 51 })
  t.end()
})

t.test('--rollout-of is read once, strictly', t => {
  const rolloutOf = readRolloutOf(['a/x=b/y', 'b/y=c/z', 'a/x=b/y'])
  t.same(rolloutOf({ namespace: 'a', name: 'x' }), { namespace: 'b', name: 'y' }, 'not followed')
  t.same(rolloutOf({ namespace: 'q', name: 'x' }), { namespace: 'q', name: 'x' })
  for (const text of ['', 'a/x', 'a/x=', 'x=y', 'a/x=b/y=c/z', 'a/X=b/y']) {
    t.throws(() => readRolloutOf([text]), {
      code: 'ROLLOUT_OF_INVALID',
      message: '--rollout-of cannot be read',
      details: {
        found: JSON.stringify(text),
        expected: 'NAMESPACE/SOURCE=NAMESPACE/ROLLOUT, such as ml/fraud-predictor-v2=ml/fraud'
      }
    })
  }
  t.throws(() => readRolloutOf(['a/x=b/y', 'a/x=b/z']), {
    message: '--rollout-of names two rollouts of a/x',
    details: { found: 'b/y and b/z' }
  })
  t.end()
})
