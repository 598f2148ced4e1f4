import t from 'tap'
import { csvOf, gate } from './gate-files.ts'

const columns = '--predictions new.csv --label y --prediction p'
const oneLook =
  'One look at a finished file: the intervals are fixed-sample ones, and hold for this look only.'

t.test(
  'A model passes, fails or is undecided by one look at a file, with its exit code',
  async t => {
    const judged = async (right: number, wrong: number) => {
      const files = {
        'new.csv': csvOf([
          ['1', '1', right],
          ['0', '1', wrong]
        ])
      }
      const { exitCode, stdout } = await gate(t, files, `${columns} --objective precision.min=0.92`)
      return [exitCode, stdout]
    }
    t.same(await judged(480, 20), [
      0,
      `pass: precision at least 0.942; limit 0.92 - margin 0.02; estimate 0.96 of 500 events\npass: 500 rows. ${oneLook}\n`
    ])
    t.same(await judged(425, 75), [
      1,
      `fail: precision at most 0.886; limit 0.92, margin 0.02; estimate 0.85 of 500 events\nfail: 500 rows. ${oneLook}\n`
    ])
    t.same(await judged(46, 4), [
      3,
      `inconclusive: precision between 0.826 and 0.984; limit 0.92 - margin 0.02; estimate 0.92 of 50 events\ninconclusive: 50 rows. ${oneLook}\n`
    ])
  }
)

t.test('Each metric is judged in its own unit', async t => {
  const classes = {
    'new.csv': csvOf([
      ['1', '1', 300],
      ['1', '0', 15],
      ['0', '1', 15],
      ['0', '0', 400]
    ])
  }
  const reasons = async (objectives: string) => {
    const { stdout } = await gate(t, classes, `${columns} ${objectives}`)
    return stdout.split('\n').slice(0, -2)
  }
  t.same(await reasons('--objective f1.min=0.93 --objective recall.min=0.92'), [
    'pass: recall at least 0.927; limit 0.92 - margin 0.02; estimate 0.952 of 315 events',
    'pass: F1 at least 0.935; limit 0.93 - margin 0.02; estimate 0.952 of 330 events'
  ])
  t.same(
    await reasons(
      '--objective precision.min=0.97 --objective precision.class=0,1 --objective precision.margin=0.03'
    ),
    [
      'inconclusive: precision of class "1" between 0.927 and 0.978; limit 0.97 - margin 0.03; estimate 0.952 of 315 events'
    ]
  )
  const numbers = Array.from({ length: 600 }, (_, at) => {
    const label = at % 50
    return JSON.stringify({
      y: label,
      p: label + ((at % 7) - 2) / 10,
      helpful: 0.8 + (at % 3) / 10
    })
  })
  const options = `--predictions n.ndjson --label y --prediction p --objective error-cap=2 ${[
    ...['accuracy.min=0.8', 'tolerance=0.2', 'mae.max=0.2', 'bias.max=0.05'],
    'score.helpful.min=0.85'
  ]
    .map(each => `--objective ${each}`)
    .join(' ')}`
  const { exitCode, stdout } = await gate(t, { 'n.ndjson': numbers.join('\n') }, options)
  t.equal(exitCode, 1)
  t.same(stdout.split('\n').slice(0, -2), [
    'fail: accuracy at most 0.767; limit 0.8, margin 0.02; estimate 0.717 of 600 events',
    'pass: mean absolute error at most 0.203; limit 0.2 + margin 0.04; estimate 0.185 of 600 events',
    'fail: bias between 0.0601 and 0.137; limit 0.05, margin 0.04; estimate 0.0992 of 600 events',
    'pass: score helpful at least 0.89; limit 0.85 - margin 0.02; estimate 0.9 of 600 events'
  ])
})

t.test('AUC and latency have columns of their own', async t => {
  const rows = Array.from(
    { length: 400 },
    (_, at) =>
      `${at % 2},${(at % 2) * 0.3 + (at % 37) / 50},${at % 100 === 0 ? 180 : 40 + (at % 9)}`
  )
  const files = { 's.csv': `y,s,ms\n${rows.join('\n')}\n` }
  const { stdout } = await gate(
    t,
    files,
    '--predictions s.csv --label y --score s --latency ms --objective auc.min=0.8 --objective latency.p95.max=100ms'
  )
  t.same(stdout.split('\n').slice(0, -2), [
    'pass: AUC at least 0.79; limit 0.8 - margin 0.02; estimate 0.826 of 200 events of the rarer label',
    'pass: share of requests slower than 100 ms at most 0.0228; limit 0.05 + margin 0.02; estimate 0.01 of 400 requests, P95 latency 48 ms (not critical)'
  ])
})

t.test('Two models are compared in pairs, row by row', async t => {
  const old = csvOf([
    ['1', '1', 900],
    ['1', '0', 50],
    ['1', '1', 50]
  ])
  const same = {
    'old.csv': old,
    'new.csv': csvOf([
      ['1', '1', 900],
      ['1', '1', 5],
      ['1', '0', 45],
      ['1', '1', 50]
    ])
  }
  const compared = `${columns} --against old.csv --objective accuracy.versus=primary`
  const better = await gate(t, same, compared)
  t.equal(better.exitCode, 0)
  t.match(
    better.stdout,
    /^pass: accuracy at least 0\.\d+ above the other model's; margin 0\.02; accuracy 0\.955, the other model's 0\.95, of 1000 pairs\n/
  )
  const worse = await gate(
    t,
    {
      ...same,
      'new.csv': csvOf([
        ['1', '1', 850],
        ['1', '0', 150]
      ])
    },
    compared
  )
  t.equal(worse.exitCode, 1)
  t.match(worse.stdout, /^fail: accuracy at least 0\.0\d+ below the other model's/)
  const shuffled = await gate(
    t,
    {
      ...same,
      'new.csv': csvOf([
        ['1', '1', 999],
        ['0', '0', 1]
      ])
    },
    compared
  )
  t.equal(shuffled.exitCode, 2)
  t.match(shuffled.stderr, 'old.csv: row 1000: the files are not about the same rows')
  // Without an objective that names the other model, each metric with a limit is compared with it.
  const implied = await gate(t, same, `${columns} --against old.csv --objective accuracy.min=0.9`)
  t.match(
    implied.stdout,
    /^pass: accuracy at least .*; limit 0\.9[^]*\npass: accuracy at least .* above the other model's/
  )
})

t.test('The baseline of a RegisteredModel is a limit', async t => {
  const files = {
    'new.csv': csvOf([
      ['1', '1', 940],
      ['0', '1', 60]
    ]),
    'model.yaml':
      'apiVersion: mlops.company.com/v1\nkind: RegisteredModel\nspec:\n  metrics: { precision: 0.98 }\n'
  }
  const { exitCode, stdout } = await gate(
    t,
    files,
    `${columns} --baseline model.yaml --objective precision.versus=baseline`
  )
  t.equal(exitCode, 1)
  t.match(
    stdout,
    "fail: precision at most 0.957; the baseline's limit 0.98, margin 0.02; estimate 0.94 of 1000 events\n"
  )
})

t.test('Rows of one cluster are not independent events', async t => {
  const rows = Array.from({ length: 400 }, (_, at) => {
    const user = Math.floor(at / 40)
    return `1,${user === 3 ? 0 : 1},u${user}`
  })
  const files = { 'new.csv': `y,p,user\n${rows.join('\n')}\n` }
  const asRows = await gate(t, files, `${columns} --objective recall.min=0.95`)
  t.equal(asRows.exitCode, 1)
  const asUsers = await gate(t, files, `${columns} --cluster user --objective recall.min=0.95`)
  t.equal(asUsers.exitCode, 3, 'one user of ten proves nothing')
})

t.test('A missing label is bad for PASS and good for FAIL, unless labels are sampled', async t => {
  const files = {
    'new.csv': csvOf([
      ['1', '1', 480],
      ['0', '1', 10],
      ['', '1', 100]
    ])
  }
  const all = await gate(t, files, `${columns} --objective precision.min=0.9`)
  t.equal(all.exitCode, 3)
  t.match(all.stdout, '; 100 labels are missing\n')
  const sampled = await gate(
    t,
    files,
    `${columns} --objective precision.min=0.9 --objective labels=sampled`
  )
  t.equal(sampled.exitCode, 0)
})

t.test('Input that cannot be judged is exit code 2, never a verdict', async t => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['y,p\n3.7,3.6\n', '--objective accuracy.min=0.9', 'give tolerance'],
    ['y,p\n1,\n', '--objective accuracy.min=0.9', '1 of 1 rows have no prediction'],
    ['y,p\n', '--objective accuracy.min=0.9', 'the file has no rows'],
    ['y,q\n1,1\n', '--objective accuracy.min=0.9', 'the column "p" does not exist'],
    ['y,p\n1,1\n', '--objective acuracy.min=0.9', 'did you mean accuracy.min?'],
    ['y,p\n1,1\n', '--objective mae.max=1', 'mae.max: requires error-cap'],
    [
      ...(['y,p\n1,1\n1,cat\n', '--objective mae.max=1 --objective error-cap=5'] as const),
      'row 2: the prediction "cat" is not a number'
    ],
    [
      ...(['y,p\nn/a,1\n', '--objective accuracy.min=0.9 --objective tolerance=1'] as const),
      'row 1: the label "n/a" is not a number'
    ],
    ['y,p\n1,1\n', '--objective auc.min=0.9', 'auc needs --score COLUMN'],
    ['y,p\n1,1\n', '--objective accuracy.versus=primary', 'versus: primary needs --against FILE'],
    ['y,p\nNaN,1\n', '--objective accuracy.min=0.9', 'the label is NaN'],
    ['y,p\n1,1\n', '--objective accuracy', '--objective takes KEY=VALUE']
  ]
  for (const [text, objective, expected] of cases) {
    const { exitCode, stdout, stderr } = await gate(
      t,
      { 'new.csv': text },
      `${columns} ${objective}`
    )
    t.same([exitCode, stdout], [2, ''], expected)
    t.match(stderr, expected)
  }
})

t.test('Reports are for programs, CI and pull requests', async t => {
  const files = {
    'new.csv': csvOf([
      ['1', '1', 480],
      ['0', '1', 20]
    ])
  }
  const report = async (format: string) =>
    (await gate(t, files, `${columns} --objective precision.min=0.92 --output ${format}`)).stdout
  const reason = 'precision at least 0.942; limit 0.92 - margin 0.02; estimate 0.96 of 500 events'
  t.match(JSON.parse(await report('json')), {
    verdict: 'pass',
    rows: 500,
    interval: oneLook,
    objectives: [
      {
        metric: 'precision',
        verdict: 'pass',
        events: 500,
        bad: 20,
        estimate: 0.96,
        reason: `pass: ${reason}`
      }
    ]
  })
  t.equal(
    await report('junit'),
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="mlgitops gate" tests="1" failures="0">
  <testcase name="precision" classname="mlgitops gate">
    <system-out>pass: ${reason}</system-out>
  </testcase>
  <system-out>${oneLook}</system-out>
</testsuite>
`
  )
  t.equal(
    await report('markdown'),
    `**Model gate: pass** (500 rows)

| objective | verdict | estimate | events | reason |
| --- | --- | --- | --- | --- |
| precision | pass | 0.96 | 500 | ${reason} |

${oneLook}
`
  )
})
