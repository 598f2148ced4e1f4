import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import { RenderBackoff } from '../../../plugin/flux/release/render-backoff.ts'

const minuteMs = 60_000

for (const [code, backoffMs] of [
  ['TEMPLATE_VALUE_MISSING', minuteMs],
  ['RENDER_TIMEOUT', 15 * minuteMs],
  ['RENDER_ENDED', 15 * minuteMs]
] as const) {
  t.test(`${code} is not retried with the same inputs for ${backoffMs / minuteMs} min`, async t => {
    let nowMs = 0
    let renders = 0
    const backoff = new RenderBackoff(
      () => {
        renders += 1
        return Promise.reject(new Fault(code, 'no'))
      },
      () => nowMs
    )
    const render = (inputs: string) => backoff.render('uid', inputs, undefined as never)
    await t.rejects(render('a'), { code })
    nowMs = backoffMs - 1
    await t.rejects(render('a'), { code })
    t.equal(renders, 1)
    nowMs = backoffMs
    await t.rejects(render('a'), { code })
    t.equal(renders, 2)
    await t.rejects(render('b'), { code })
    t.equal(renders, 3, 'other inputs')
    backoff.forget('uid')
    await t.rejects(render('b'), { code })
    t.equal(renders, 4)
    t.equal(backoff.count, 4)
  })
}
