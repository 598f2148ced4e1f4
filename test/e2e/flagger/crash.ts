import assert from 'node:assert/strict'
import { member } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { healthy, objectives, primary, roll } from './roll.ts'

/** The service is killed while every rollout of the suite runs; none of them may notice. */
export async function proveCrash(bench: Bench, points: Points): Promise<void> {
  await points.check('kill -9 in the middle: nothing is lost, nothing counts twice', async () => {
    const name = 'killed'
    await bench.initialise({ name, provider: 'gatewayapi:v1', objectives })
    await roll(bench, name, { canary: healthy, primary })
    const before = await eventually(
      async () => {
        const now = await counted(bench, name)
        return now.events > 100 ? now : undefined
      },
      { what: 'evidence' }
    )
    await bench.killAnalysis()
    bench.send(name, {})
    const sent = () => bench.traffic.sent(`${bench.namespace}/${name}`)
    await eventually(async () => (await counted(bench, name)).events === sent() || undefined, {
      what: `all ${sent()} predictions are counted once`
    })
    assert.deepEqual((await counted(bench, name)).run, before.run)
    bench.send(name, { canary: healthy, primary })
    assert.equal((await bench.phase(name, 'Failed', 'Succeeded')).phase, 'Succeeded')
  })
}

/** Latencies count at once, labels when they are ripe. */
async function counted(bench: Bench, name: string) {
  const { objectives: all, run } = await bench.verdict(name)
  const found = ((all ?? []) as { readonly metric: string; readonly events: number }[]).find(
    ({ metric }) => metric === 'latency.p99'
  )
  return { events: found?.events ?? 0, run: member(run, 'number') }
}
