import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import { Renderings } from '../../../plugin/flux/release/renderings.ts'

const minuteMs = 60_000

for (const [code, standsMs] of [
  ['TEMPLATE_VALUE_MISSING', minuteMs],
  ['RENDER_TIMEOUT', 15 * minuteMs],
  ['RENDER_ENDED', 15 * minuteMs]
] as const) {
  t.test(`${code} stands for ${standsMs / minuteMs} minutes, for the same inputs`, async t => {
    let nowMs = 0
    let tried = 0
    const renderings = new Renderings(
      () => {
        tried += 1
        return Promise.reject(new Fault(code, 'no'))
      },
      () => nowMs
    )
    const make = (inputs: string) => renderings.make('uid', inputs, undefined as never)
    await t.rejects(make('a'), { code })
    nowMs = standsMs - 1
    await t.rejects(make('a'), { code })
    t.equal(tried, 1)
    nowMs = standsMs
    await t.rejects(make('a'), { code })
    t.equal(tried, 2)
    await t.rejects(make('b'), { code })
    t.equal(tried, 3, 'other inputs')
    renderings.forget('uid')
    await t.rejects(make('b'), { code })
    t.equal(tried, 4)
    t.equal(renderings.count, 4)
  })
}
