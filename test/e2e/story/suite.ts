import assert from 'node:assert/strict'
import type { Suite } from '../rig/suite.ts'
import { healthy, primary } from '../flagger/roll.ts'
import { Stage } from './stage.ts'

/** The story of the README, with every part in its real host. */
export const story: Suite = async ({ machine, points }) => {
  const stage = await Stage.create(machine)
  const { application } = stage
  const imprecise = { ...healthy, badRatio: 0.3 }
  let served = ''
  await points.check('a commit with its audit is synced, admitted and served', async () => {
    await application.untilSynced(stage.head())
    await stage.phase('Initialized')
    served = await stage.serving()
    assert.equal(served, await stage.tag())
  })
  await points.check(
    'a new model without its audit is denied, and the Application says why',
    async () => {
      const commit = stage.commitModel('2.4')
      const text = await application.untilOperation(commit, 'Failed')
      assert.ok(text.includes("the bias audit does not cover the model's"), text)
      assert.ok(text.includes(await stage.tag()), text)
      assert.equal(await stage.serving(), served)
    }
  )
  await points.check('with its audit it is admitted, rolled out, judged and promoted', async () => {
    const tag = await stage.tag()
    await application.untilSynced(await stage.commitAudit())
    await stage.phase('Progressing')
    stage.send({ canary: healthy, primary })
    assert.equal(await stage.phase('Succeeded', 'Failed'), 'Succeeded')
    served = await stage.serving()
    assert.equal(served, tag)
  })
  await points.check(
    'a worse model is admitted, judged and rolled back, with the reason',
    async () => {
      stage.send({})
      stage.commitModel('2.5')
      await application.untilSynced(await stage.commitAudit())
      await stage.phase('Progressing')
      stage.send({ canary: imprecise, primary })
      assert.equal(await stage.phase('Succeeded', 'Failed'), 'Failed')
      assert.equal(await stage.serving(), served)
      await stage.untilEvent(/^Post-rollout hook \S+ failed fail: precision 0\.\d+/)
    }
  )
  await points.check('git revert with an audit is promoted', async () => {
    stage.send({})
    stage.git('revert', '--no-edit', 'HEAD~1')
    const tag = await stage.tag()
    await application.untilSynced(await stage.commitAudit())
    await stage.phase('Progressing')
    stage.send({ canary: healthy, primary })
    assert.equal(await stage.phase('Succeeded', 'Failed'), 'Succeeded')
    assert.equal(await stage.serving(), tag)
  })
}
