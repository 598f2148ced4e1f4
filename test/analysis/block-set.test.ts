import fc from 'fast-check'
import t from 'tap'
import { BlockSet } from '../../analysis/counter/block-set.ts'

t.test('Blocks in any order, each counted once', t => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -20, max: 20 })), blocks => {
      const set = new BlockSet()
      for (const block of blocks) set.add(block)
      const expected = new Set(blocks)
      t.equal(set.size, expected.size)
      for (let block = -22; block <= 22; block += 1) {
        if (set.has(block) !== expected.has(block)) t.fail(`${block} of ${blocks.join(' ')}`)
      }
    }),
    { numRuns: 300, seed: 1 }
  )
  t.end()
})
