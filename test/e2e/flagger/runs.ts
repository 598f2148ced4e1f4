import assert from 'node:assert/strict'
import { member } from '../../../common/json.ts'
import { eventually } from '../rig/eventually.ts'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { image } from './canary.ts'
import { healthy, objectives, primary, roll, unclear } from './roll.ts'

/** Runs that are held, settled, replaced or repeated. */
export function proveRuns(bench: Bench, points: Points): readonly Promise<unknown>[] {
  const settled = (policy: 'fail' | 'pass', phase: 'Failed' | 'Succeeded') =>
    points.check(
      `an undecided canary is held, then settled by on-inconclusive: ${policy}`,
      async () => {
        const name = `undecided-${policy}`
        const settings = { ...objectives, 'max-analysis': '60s', 'on-inconclusive': policy }
        await bench.initialise({ name, provider: 'kubernetes', objectives: settings })
        await roll(bench, name, { canary: unclear, primary })
        await bench.phase(name, 'WaitingPromotion')
        assert.equal((await bench.verdict(name)).verdict, 'inconclusive')
        const status = await bench.phase(name, 'Failed', 'Succeeded')
        assert.equal(status.phase, phase)
        const { verdict, reason, run } = await bench.verdict(name)
        assert.deepEqual([verdict, member(run, 'settledBy')], [policy, policy])
        assert.match(typeof reason === 'string' ? reason : '', /on-inconclusive/)
        const held = `Halt ${name}.${bench.namespace} advancement waiting for promotion approval confirm-promotion`
        assert.ok(bench.messages(name).includes(held))
      }
    )
  return [
    settled('fail', 'Failed'),
    settled('pass', 'Succeeded'),
    points.check('a new revision in the middle starts a run with no evidence', async () => {
      const name = 'moved'
      await bench.initialise({ name, provider: 'gatewayapi:v1', objectives })
      await roll(bench, name, { canary: unclear, primary })
      const counted = async () => {
        const { objectives: all, run } = await bench.verdict(name)
        const [precision] = (all ?? []) as { readonly events: number }[]
        return { events: precision?.events ?? 0, checksum: member(run, 'checksum') }
      }
      const before = await eventually(
        async () => {
          const now = await counted()
          return now.events > 20 ? now : undefined
        },
        { what: 'the first revision has evidence' }
      )
      bench.send(name, {})
      await bench.deploy(name, 'v3')
      const after = await eventually(
        async () => {
          const now = await counted()
          return now.checksum === before.checksum ? undefined : now
        },
        { what: 'a run of the new revision' }
      )
      assert.equal(after.events, 0)
      bench.send(name, { canary: healthy, primary })
      assert.equal((await bench.phase(name, 'Failed', 'Succeeded')).phase, 'Succeeded')
      assert.equal(await bench.primaryImage(name), image('v3'))
    }),
    points.check('the same revision again is judged by fresh evidence', async () => {
      const name = 'again'
      await bench.initialise({ name, provider: 'kubernetes', objectives })
      await roll(bench, name, { canary: { ...healthy, badRatio: 0.3 }, primary })
      const first = await bench.phase(name, 'Failed', 'Succeeded')
      assert.equal(first.phase, 'Failed')
      // Another one, without an analysis, then the very same as before: Flagger starts no run for what it
      // promoted last nor for what it saw last.
      await bench.skipAnalysis(name, true)
      await bench.deploy(name, 'v3')
      await bench.phase(name, 'Succeeded')
      await bench.skipAnalysis(name, false)
      await roll(bench, name, { canary: healthy, primary })
      assert.equal((await bench.phase(name, 'Failed', 'Succeeded')).phase, 'Succeeded')
      assert.equal((await bench.status(name)).lastAppliedSpec, first.lastAppliedSpec)
      assert.equal(await bench.primaryImage(name), image('v2'))
    })
  ]
}
