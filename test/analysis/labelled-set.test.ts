import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { Fault } from '../../common/fault.ts'
import { readLabelledSet } from '../../analysis/replay/labelled-set.ts'
import { maxSetBytes } from '../../analysis/source/named-file.ts'
import { prepareSettings } from '../../analysis/source/sources.ts'
import { noSources } from '../../analysis/source/source-rules.ts'
import { BenchTop } from './bench-top.ts'

const columns = { label: 'label', features: undefined }
const read = (text: string) => readLabelledSet(text, columns, 'set').items

function problemOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    return error instanceof Fault ? error.message : String(error)
  }
}

t.test('A labelled set has the same items in each format', t => {
  const items = [
    { instance: ['a\nb', 0.5], label: '1' },
    { instance: ['c', 12345678901234567890n], label: '0' }
  ]
  const rows = ['{"s":"a\\nb","n":0.5,"label":1}', '{"s":"c","n":12345678901234567890,"label":0}']
  t.same(read(`[${rows.join(',\n')}]`), items)
  t.same(read(`${rows[0]}\r\n\n ${rows[1]}`), items)
  t.same(read('\uFEFFs,n,label\r\n"a\nb",0.5,1\r\n\r\nc,12345678901234567890,0\r\n'), items)
  t.end()
})

t.test('The error for an unusable row has its line', t => {
  const problems = [
    ['[1]', 'set: item 1: an item is not a JSON object'],
    ['{"x":1,"label":1}\n{"x":1}', 'set:2: the label "label" is missing'],
    ['{"x":1,"label":1}\n\n{', 'set:3: the text is not JSON'],
    ['x,label\n"a\nb",1\n2', 'set:4: a row has a different number of fields than the header'],
    ['x,label\n,1', 'set:2: the value of "x" is missing'],
    ['label\n1', 'set:2: an item has nothing to send but its label'],
    ['', 'set: the labelled set is empty'],
    ['x,label\n"a,1', 'a quote is never closed']
  ] as const
  for (const [text, problem] of problems)
    t.match(
      problemOf(() => read(text)),
      problem
    )
  t.end()
})

t.test('A labelled set that would fill the memory is refused early', async t => {
  t.equal(read('{"x":1,"label":1}\n'.repeat(100_000)).length, 100_000)
  const tooMany = 'set: the labelled set has more than 100000 items'
  t.equal(
    problemOf(() => read('{"x":1,"label":1}\n'.repeat(100_001))),
    tooMany
  )
  t.equal(
    problemOf(() => read(`x,label\n${'1,1\n'.repeat(100_001)}`)),
    tooMany
  )
  t.equal(
    problemOf(() => read(`[${'{},'.repeat(500_000)}{}]`)),
    'set: the text has more than 500000 arrays and objects'
  )
  t.equal(
    problemOf(() => read(`{"x":1,"label":1}\n{"x":[${'[],'.repeat(500_000)}1],"label":1}`)),
    'set:2: the text has more than 500000 arrays and objects'
  )
  const folder = t.testdir({})
  mkdirSync(path.join(folder, 'ml'))
  writeFileSync(path.join(folder, 'ml', 'set.csv'), Buffer.alloc(maxSetBytes + 1, 'a'))
  writeFileSync(path.join(folder, 'ml', 'baseline.json'), Buffer.alloc(1024 * 1024 + 1, ' '))
  const files = { folder, isLocal: false }
  const bench = new BenchTop({ sources: { ...noSources, files } })
  const replay = {
    source: 'replay',
    'accuracy.min': '0.9',
    'replay.url': 'http://churn.ml.svc',
    'replay.dataset': 'set.csv'
  }
  t.equal(
    await bench.hook('pre-rollout', replay),
    '424 the source is down: replay.dataset: the file is larger than 16777216 bytes'
  )
  const baseline = new Map([
    ['accuracy.versus', 'baseline'],
    ['baseline.file', 'baseline.json']
  ])
  t.equal(
    problemOf(() =>
      prepareSettings(baseline, { namespace: 'ml', name: 'churn' }, { ...noSources, files })
    ),
    'the objectives cannot be used: baseline.file: the file is larger than 1048576 bytes'
  )
})
