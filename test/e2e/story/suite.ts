import assert from 'node:assert/strict'
import type { Suite } from '../rig/suite.ts'
import { stays } from '../rig/eventually.ts'
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
      assert.ok(
        text.includes("the bias audit covers neither the model's commit nor its files"),
        text
      )
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
      await stage.untilEvent(/^Post-rollout hook \S+ failed fail: precision at most 0\.\d+/)
    }
  )
  await points.check(
    'git revert brings image and audit back: admitted, and served as before without a rollout',
    async () => {
      stage.send({})
      stage.git('revert', '--no-edit', 'HEAD', 'HEAD~1')
      assert.equal(await stage.tag(), served)
      await application.untilSynced(stage.head())
      assert.equal(await stage.target(), served)
      await stays(async () => {
        assert.equal(await stage.phase('Failed', 'Progressing', 'Succeeded'), 'Failed')
      })
      assert.equal(await stage.serving(), served)
    }
  )
  await points.check('a better model with its audit is promoted after that', async () => {
    stage.commitModel('2.6')
    const tag = await stage.tag()
    await application.untilSynced(await stage.commitAudit())
    await stage.phase('Progressing')
    stage.send({ canary: healthy, primary })
    assert.equal(await stage.phase('Succeeded', 'Failed'), 'Succeeded')
    assert.equal(await stage.serving(), tag)
  })
}
