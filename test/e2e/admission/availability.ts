import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { defaultLimits } from '../../../service/http/limits.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import { whileCalling } from '../rig/while-calling.ts'
import { registryEntry } from './bench.ts'
import type { Bench } from './bench.ts'

const callers = 8
/** Reviews that it had no place for. */
const shed = 'mlgitops_http_request_duration_seconds_count{route="/validate",code="503"}'

/** Tests the API server while the webhook rotates certificates, ends or is overloaded, and its own restart. */
export async function proveAvailability(bench: Bench, points: Points): Promise<void> {
  const entry = (name: string) => registryEntry(bench.namespace, name, { tier: 'low' })
  const ask = async () =>
    (await bench.client.create(`${bench.entries()}?dryRun=All`, entry('a'))).message
  await points.check(
    'certificates and their CA are replaced under load: no request fails',
    async () => {
      const answers = await whileCalling(callers, ask, async () => {
        for (let round = 0; round < 3; round += 1) {
          const renewed = await bench.host.renewCertificate()
          await eventually(
            async () => renewed === (await bench.host.servedCertificate()) || undefined,
            { what: 'the new certificate is served' }
          )
        }
      })
      assert.deepEqual([...new Set(answers)], [''])
      assert.ok(answers.length > 3 * callers, `${answers.length} answers`)
    }
  )
  await points.check('a thousand at once: each is judged', async () => {
    const [good, bad] = [entry('crowd'), { ...entry('crowd'), metadata: { name: 'crowd' } }]
    const path = `${bench.entries()}?dryRun=All`
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => bench.client.create(path, index % 2 ? good : bad))
    )
    const statuses = answers.map(({ status }) => status)
    // 429 is the API server's own limit of in-flight requests; it did not call the webhook.
    assert.deepEqual(
      [...new Set(statuses.filter((_, index) => index % 2 === 0))].filter(code => code !== 429),
      [403]
    )
    assert.deepEqual(
      [...new Set(statuses.filter((_, index) => index % 2 === 1))].filter(code => code !== 429),
      [201]
    )
  })
  await points.check(
    'more at once than it holds: the API server asks again, and nothing gets past',
    async () => {
      const leave = await bench.host.crowd(defaultLimits.maxRequests)
      const create = (object: JsonObject) =>
        bench.client.create(`${bench.entries()}?dryRun=All`, object)
      const asked = Promise.all([
        create(entry('late')),
        create({ ...entry('late'), metadata: { name: 'late' } })
      ])
      try {
        await eventually(async () => (await bench.host.metric(shed)) >= 2 || undefined, {
          what: 'both get Retry-After'
        })
      } finally {
        leave()
      }
      const statuses = (await asked).map(({ status }) => status)
      assert.deepEqual(statuses, [201, 403])
    }
  )
  await points.check(
    'the webhook killed, failurePolicy Fail: refused, in the server’s words',
    async () => {
      await bench.host.stop('SIGKILL')
      // The first requests can still arrive on a kept connection.
      const text = await eventually(
        async () => {
          const said = await ask()
          assert.match(said, /^Internal error occurred: failed calling webhook/)
          return said.endsWith('refused') ? said : undefined
        },
        { what: 'the connection is refused', retryErrors: false }
      )
      assert.match(
        text,
        /^Internal error occurred: failed calling webhook "policies\.mlgitops\.io": failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/validate\?timeout=10s": dial tcp 127\.0\.0\.1:\d+: connect: connection refused$/
      )
    }
  )
  await points.check(
    'failurePolicy Ignore: admitted, and the audit log shows that no webhook judged',
    async () => {
      await bench.host.register('Ignore')
      await eventually(async () => (await ask()) === '' || undefined, {
        what: 'it is ignored'
      })
      assert.equal((await bench.client.create(bench.entries(), entry('unjudged'))).status, 201)
      assert.deepEqual(await bench.auditOf('unjudged'), {
        'failed-open.validating.webhook.admission.k8s.io/round_0_index_0': 'policies.mlgitops.io'
      })
    }
  )
  await points.check('the webhook comes back, and judges', async () => {
    await bench.host.launch()
    await bench.host.register('Fail')
    await eventually(async () => (await refusal(bench)) || undefined, { what: 'it judges' })
  })
  await points.check('the API server is restarted under it, and asks it again', async () => {
    await bench.machine.controlPlane.restartApiServer()
    await eventually(async () => (await refusal(bench)) || undefined, { what: 'it judges' })
    assert.equal(await ask(), '')
  })
}

/** Whether an entry without its labels is refused. */
async function refusal(bench: Bench): Promise<boolean> {
  const bare = { ...registryEntry(bench.namespace, 'bare'), metadata: { name: 'bare' } }
  return (await bench.client.create(`${bench.entries()}?dryRun=All`, bare)).status === 403
}
