import assert from 'node:assert/strict'
import type { Points } from '../rig/points.ts'
import type { Bench } from './bench.ts'
import { image } from './canary.ts'
import { healthy, objectives, primary, roll } from './roll.ts'

/** On a busy machine some labels come late, and count as the reason says. */
const imprecise =
  /^Post-rollout hook post-rollout failed fail: precision at most 0\.\d+; limit 0\.92, margin 0\.02; estimate 0\.\d+(?: to 0\.\d+)? of \d+ events(?:; \d+ of \d+ positive predictions have no label: they count as bad for PASS and as good for FAIL)?$/
/** Two POSTs for each prediction: fewer of them. */
const logged = { primary: { ...primary, rate: 40 }, kserve: 'annotation' } as const

/** Each rollout is a point; they run concurrently. */
export function proveRollouts(bench: Bench, points: Points): readonly Promise<unknown>[] {
  return [
    points.check('a good canary gets more weight step by step, and is promoted', async () => {
      const name = 'good'
      await bench.initialise({ name, provider: 'gatewayapi:v1', objectives })
      await roll(bench, name, { canary: healthy, primary })
      const { phase } = await bench.phase(name, 'Succeeded', 'Failed')
      assert.equal(phase, 'Succeeded', bench.messages(name).join('\n'))
      assert.equal(await bench.primaryImage(name), image('v2'))
      assert.deepEqual(bench.weights(name), [0, 20, 40, 0])
      assert.equal((await bench.verdict(name)).verdict, 'pass')
    }),
    points.check('an imprecise canary is rolled back by the hook, with the reason', async () => {
      const name = 'imprecise'
      await bench.initialise({ name, provider: 'gatewayapi:v1', objectives })
      await roll(bench, name, { canary: { ...healthy, badRatio: 0.3 }, primary })
      await expectRollback(bench, name, imprecise)
    }),
    points.check('a good canary with events of KServe’s logger is promoted', async () => {
      const name = 'logged-good'
      await bench.initialise({ name, provider: 'gatewayapi:v1', objectives })
      await roll(bench, name, { ...logged, canary: { ...healthy, rate: 40 } })
      const { phase } = await bench.phase(name, 'Succeeded', 'Failed')
      assert.equal(phase, 'Succeeded', bench.messages(name).join('\n'))
      assert.equal(await bench.primaryImage(name), image('v2'))
      assert.deepEqual(bench.weights(name), [0, 20, 40, 0])
      const verdict = await bench.verdict(name)
      assert.equal(verdict.verdict, 'pass')
      assert.match(
        typeof verdict.reason === 'string' ? verdict.reason : '',
        /^precision at least 0\.9\d*; limit 0\.92 - margin 0\.02; estimate 0\.9\d*(?: to 0\.9\d*)? of \d+ events(?:; \d+ of \d+ positive predictions have no label: they count as bad for PASS and as good for FAIL)? \| share of requests slower than 100 ms /
      )
    }),
    points.check('an imprecise canary with events of KServe’s logger is rolled back', async () => {
      const name = 'logged-bad'
      await bench.initialise({ name, provider: 'kubernetes', objectives })
      const canary = { ...healthy, rate: 40, badRatio: 0.3 }
      await roll(bench, name, { ...logged, canary, kserve: 'path' })
      await expectRollback(bench, name, imprecise)
    }),
    points.check('a slow canary is rolled back by the hook, with the reason', async () => {
      const name = 'slow'
      await bench.initialise({ name, provider: 'kubernetes', objectives })
      await roll(bench, name, { canary: { ...healthy, latencyMs: 300 }, primary })
      await expectRollback(
        bench,
        name,
        /^Post-rollout hook post-rollout failed fail: share of requests slower than 100 ms at least /
      )
    }),
    points.check(
      'a bad canary without a rollback hook fails its checks, with the reason',
      async () => {
        const name = 'unhooked'
        const hooks = ['rollout', 'post-rollout', 'event'] as const
        // The rollout hook passes an undecided canary, and no gate holds its promotion: give labels time.
        const iterations = 6
        await bench.initialise({ name, provider: 'kubernetes', objectives, hooks, iterations })
        await roll(bench, name, { canary: { ...healthy, badRatio: 0.3 }, primary })
        const status = await bench.phase(name, 'Failed', 'Succeeded')
        await bench.untilMessage(name, /^Canary failed!/)
        assert.deepEqual(
          [status.phase, bench.messages(name).filter(isThreshold)],
          ['Failed', [`Rolling back ${name}.${bench.namespace} failed checks threshold reached 3`]]
        )
        const halt = `Halt ${name}.${bench.namespace} advancement external check rollout failed fail: precision `
        assert.ok(bench.messages(name).some(message => message.startsWith(halt)))
      }
    )
  ]
}

function isThreshold(message: string): boolean {
  return message.startsWith('Rolling back')
}

/** The rollback hook fails the canary before failed checks do; the primary is unchanged. */
async function expectRollback(bench: Bench, name: string, reason: RegExp): Promise<void> {
  const status = await bench.phase(name, 'Failed', 'Succeeded')
  const messages = await bench.untilMessage(name, reason)
  assert.equal(status.phase, 'Failed', messages)
  assert.deepEqual(bench.messages(name).filter(isThreshold), [
    `Rolling back ${name}.${bench.namespace} manual webhook invoked`
  ])
  // One for the verdict, where it came between the two hooks of a tick, and one for a call of the killed service.
  assert.ok(Number(status.failedChecks ?? 0) <= 2, messages)
  assert.equal(await bench.primaryImage(name), image('v1'))
}
