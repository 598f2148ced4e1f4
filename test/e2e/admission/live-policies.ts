import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import { readinessOf } from '../rig/readiness.ts'
import { registryEntry, tierPolicy } from './bench.ts'
import type { Bench } from './bench.ts'

/** Policies that change, break and are fixed while the webhook serves. */
export async function proveLivePolicies(bench: Bench, points: Points): Promise<void> {
  const ask = (labels: JsonObject = {}) =>
    bench.client.create(
      `${bench.entries()}?dryRun=All`,
      registryEntry(bench.namespace, 'p', labels)
    )
  const untilStatus = (status: number) =>
    eventually(async () => (await ask()).status === status || undefined, {
      what: `an entry without the label is answered ${status}`
    })
  await points.check('a changed policy is taken over', async () => {
    bench.writePolicy('tier.json', tierPolicy(['Deny']))
    await untilStatus(403)
    assert.equal((await ask({ tier: 'low' })).status, 201)
  })
  await points.check(
    'an invalid policy is refused and logged, and the last good ones stay in force',
    async () => {
      bench.writePolicy('tier.json', '{"apiVersion": "mlgitops.io/v1alpha1", "kind": "ModelPolicy"')
      await bench.host.until('mlgitops_policies_current', 0)
      assert.equal((await ask()).status, 403)
      assert.match(bench.host.said(), /refused changed policies; the last good ones stay in force/)
      assert.equal((await readinessOf(bench.host.probedUrl)).status, 200)
    }
  )
  await points.check('a fixed policy is loaded', async () => {
    bench.writePolicy('tier.json', tierPolicy(['Warn', 'Audit']))
    await untilStatus(201)
    await bench.host.until('mlgitops_policies_current', 1)
  })
}
