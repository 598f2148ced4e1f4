import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { fairnessMetrics } from '../../../evidence/bias-audit/metrics.ts'
import { parseBiasAudit } from '../../../evidence/bias-audit/parse.ts'
import { eventually } from '../../eventually.ts'
import { asked, audit } from './audited.ts'

async function figures(text: string, sensitive: string, ...more: readonly string[]) {
  const { stdout, stderr } = await audit(t, text, sensitive, ['--output', 'json', ...more])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Record<string, Record<string, Record<string, unknown>>>
}

/** Rows of a group with these counts. */
function rowsOf(group: string, counts: readonly [number, number, number, number]): string {
  const rows = ['1,1', '0,1', '1,0', '0,0']
  return rows.map((row, at) => `${row},${group}\n`.repeat(counts[at] ?? 0)).join('')
}

/** TP, FP, FN and TN of three groups; their figures come from Fairlearn. */
const worked = `y,p,g\n${rowsOf('A', [45, 15, 10, 30])}${rowsOf('B', [24, 16, 16, 44])}${rowsOf('C', [8, 2, 12, 28])}`

t.test(
  'The worked example has Fairlearn’s figures, LL144’s ratios and Wilson’s intervals',
  async t => {
    const report = await figures(worked, 'g')
    const rounded = (value: unknown, digits: number) => Number((value as number).toFixed(digits))
    t.same(
      Object.fromEntries(
        Object.entries(report.metrics?.g ?? {}).map(([name, value]) => [name, rounded(value, 6)])
      ),
      {
        demographic_parity_difference: 0.4,
        demographic_parity_ratio: 0.333333,
        equalized_odds_difference: 0.418182,
        equalized_odds_ratio: 0.2,
        equal_opportunity_difference: 0.418182,
        equal_opportunity_ratio: 0.488889,
        predictive_parity_difference: 0.2,
        predictive_parity_ratio: 0.75
      }
    )
    t.same(report.groups?.g, {
      A: { n: 100, selected: 60, tp: 45, fp: 15, fn: 10, tn: 30 },
      B: { n: 100, selected: 40, tp: 24, fp: 16, fn: 16, tn: 44 },
      C: { n: 50, selected: 10, tp: 8, fp: 2, fn: 12, tn: 28 }
    })
    const of = (key: string) => Object.entries(report[key]?.g ?? {})
    t.same(
      of('impactRatios').map(([name, value]) => [name, rounded(value, 3)]),
      [
        ['A', 1],
        ['B', 0.667],
        ['C', 0.333]
      ]
    )
    t.same(
      of('selectionRateIntervals').map(([name, value]) => [
        name,
        ...(value as number[]).map(bound => rounded(bound, 3))
      ]),
      [
        ['A', 0.502, 0.691],
        ['B', 0.309, 0.498],
        ['C', 0.112, 0.33]
      ]
    )
    t.same(report.flags, { g: { A: [], B: [], C: [] } })
    t.match(report.dataset, { name: 'data', kind: 'test', rows: 250, digest: /^sha256:/ })
  }
)

t.test('Groups without cases, and groups without selections', async t => {
  const edge = await figures('y,p,g\n1,1,a\n0,0,a\n1,0,a\n0,1,a\n0,1,b\n0,0,b\n0,0,b\n', 'g')
  t.match(edge.metrics?.g, { equalized_odds_difference: 0.5, equalized_odds_ratio: 0 })
  t.same(edge.flags, { g: { a: ['small'], b: ['small', 'no positive labels'] } })
  const nobody = await figures('y,p,g\n1,0,a\n0,0,b\n', 'g')
  t.match(nobody.metrics?.g, {
    demographic_parity_difference: 0,
    demographic_parity_ratio: null,
    equalized_odds_ratio: null
  })
  const counts = { n: 2, selected: 1, tp: 1, fp: 0, fn: 0, tn: 1 }
  t.equal(fairnessMetrics([counts, counts]).equalized_odds_ratio, 1, 'only the second is NaN')
})

t.test('Rows without a value are counted in (missing), in intersections too', async t => {
  const text = 'y,p,sex,age\r\n1,1,F,old\r\n0,1,,old\r\n1,0,M,\r\n'
  const { groups, missing, flags } = await figures(text, 'sex,age', '--intersections')
  t.same(missing, { sex: 1, age: 1, 'sex,age': 2 })
  t.same(Object.keys(groups?.sex ?? {}), ['(missing)', 'F', 'M'])
  t.same(Object.keys(groups?.['sex,age'] ?? {}), ['(missing),old', 'F,old', 'M,(missing)'])
  t.same(flags?.['sex,age']?.['M,(missing)'], ['small', 'missing', 'no negative labels'])
  const columnsOf = async (sensitive: string, ...more: readonly string[]) =>
    Object.keys((await figures(text, sensitive, ...more)).groups ?? {})
  t.same(await columnsOf('sex,age'), ['sex', 'age'])
  t.same(await columnsOf('sex', '--intersections'), ['sex'], 'of one column there is none')
})

t.test('NDJSON and CSV of the same rows give the same figures', async t => {
  const rows = worked.split('\n').slice(1, -1)
  const json = rows.map(row => {
    const [y, p, g] = row.split(',')
    return JSON.stringify({ y: y === '1', p: Number(p), g: g === 'A' ? 'A' : g, note: { a: 1 } })
  })
  const same = await figures(`${json.join('\n')}\n\n`, 'g')
  t.same(same.groups, (await figures(worked, 'g')).groups)
  const null_ = await figures(
    '{"y":1,"p":1,"g":null}\n{"y":0,"p":0}\n{"y":"0.0","p":"True","g":7}',
    'g'
  )
  t.same(Object.keys(null_.groups?.g ?? {}), ['7', '(missing)'])
  const loose = await figures(' {"y":1,"p":1,"g":""}\n \n{"y":1,"p":1,"g":"a"}', 'g')
  t.same(Object.keys(loose.groups?.g ?? {}), ['(missing)', 'a'])
  t.same((await figures('y,p,g\n1.0,0.0,a\n0.0,1.0,a\nTRUE,False,a\n', 'g')).groups?.g, {
    a: { n: 3, selected: 1, tp: 0, fp: 1, fn: 2, tn: 0 }
  })
})

t.test('Quotes, line breaks within them and hostile names are data', async t => {
  const text = '\ufeff"y",p,"a ""b"""\n1,1,"x,""y"""\n1,0,"x,""y"""\n0,0,__proto__\n0,1,constructor'
  const { groups } = await figures(text, 'a "b"')
  t.same(Object.keys(groups?.['a "b"'] ?? {}), ['__proto__', 'constructor', 'x,"y"'])
  const wide = `y,p,note,g\n1,1,${'x'.repeat(65_536 - 16)}é,a\n`
  t.equal(Buffer.from(wide).indexOf('é'), 65_535, 'a letter between two reads of a file')
  t.same(Object.keys((await figures(wide, 'g')).groups?.g ?? {}), ['a'])
  const lines = await audit(t, 'y,p,g\n1,1,"a\nb"\n', 'g')
  t.match(lines.stderr, 'data.csv:2: a value of g cannot name a group [AUDIT_GROUP_INVALID]')
})

t.test('bias_audit.md is valid by the schema and readable by people', async t => {
  const named = ['--model', 'churn', '--version', '1.10', '--commit', 'a'.repeat(40)]
  const auditor = ['--auditor', 'Fairness Lab', '--independent', '--historical']
  const { stdout, stderr, folder } = await audit(t, worked, 'g', [
    ...named,
    ...auditor,
    '--out',
    'b.md'
  ])
  t.same([stdout, stderr], ['', 'b.md was written\n'])
  const text = readFileSync(path.join(folder, 'b.md'), 'utf8')
  const parsed = parseBiasAudit(text, 'bias_audit.md')
  t.match(parsed, {
    model: { name: 'churn', version: '1.10' },
    modelCommit: 'a'.repeat(40),
    date: '2026-11-24',
    auditor: { name: 'Fairness Lab', independent: true },
    dataset: { name: 'data', rows: 250, kind: 'historical', digest: /^sha256:[0-9a-f]{64}$/ },
    minimumGroupSize: 30,
    unknownCount: 0
  })
  t.match(
    text,
    '\n# Bias audit: churn 1.10\n\nMade on 2026-11-24 by Fairness Lab (independent of the model) from 250 rows of data, with'
  )
  t.match(
    text,
    '\n| C | 50 | 10 | 20.0 % | 11.2 % to 33.0 % | 0.333333 (below four fifths) | 40.0 % | 6.7 % |\n'
  )
  t.match(text, '| lowest over highest true positive rate |\n\n## How to read it\n', 'no warnings')
  const small = await audit(t, 'y,p,g,h\n1,1,<b>,\n0,0,"| x |",k\n', 'g,h', [
    '--intersections',
    ...named
  ])
  t.match(small.stdout, '\n## By g and h\n')
  t.match(small.stdout, '\n- \\<b\\> has 1 rows, fewer than 30: too few to judge by.\n')
  t.match(parseBiasAudit(small.stdout, 'bias_audit.md'), {
    unknownCount: 1,
    attributes: [{ name: 'g' }, { name: 'h' }, { name: 'g,h', intersectionOf: ['g', 'h'] }]
  })
  t.match(small.stderr, 'mlgitops audit: --auditor: not given; no policy will accept the audit\n')
  const nameless = await audit(t, worked, 'g')
  t.equal(
    nameless.stderr,
    'mlgitops audit: --model, --version, --commit, --auditor: not given; no policy will accept the audit\n'
  )
})

t.test('The whole text of an audit', async t => {
  const rows = `y,p,g\n${rowsOf('A', [5, 0, 0, 0])}${rowsOf('B', [4, 0, 1, 0])}1,0,\n0,0,\n`
  const { stdout } = await audit(t, rows, 'g', ['--minimum-group-size', '5'])
  t.equal(
    stdout.slice(stdout.indexOf('\n# ')),
    `
# Bias audit: unnamed unnamed

Made on 2026-11-24 by unnamed (not independent) from 12 rows of data, with \`mlgitops audit\`.

## By g

| group | rows | selected | selection rate | 95 % interval | impact ratio | true positive rate | false positive rate |
| --- | --- | --- | --- | --- | --- | --- | --- |
| \\(missing\\) | 2 | 0 | 0.0 % | 0.0 % to 65.8 % | 0.000000 (below four fifths) | 0.0 % | 0.0 % |
| A | 5 | 5 | 100.0 % | 56.6 % to 100.0 % | 1.000000 | 100.0 % | nobody |
| B | 5 | 4 | 80.0 % | 37.6 % to 96.4 % | 0.800000 | 80.0 % | nobody |

| metric | value | meaning |
| --- | --- | --- |
| \`demographic_parity_difference\` | 1.000000 | highest minus lowest selection rate |
| \`demographic_parity_ratio\` | 0.000000 | lowest over highest selection rate |
| \`equalized_odds_difference\` | 1.000000 | the larger difference of true and false positive rates |
| \`equalized_odds_ratio\` | 0.000000 | the smaller ratio of true and false positive rates |
| \`equal_opportunity_difference\` | 1.000000 | highest minus lowest true positive rate |
| \`equal_opportunity_ratio\` | 0.000000 | lowest over highest true positive rate |

- \\(missing\\) has 2 rows, fewer than 5: too few to judge by.
- \\(missing\\) contains rows without a value ((missing)); they are counted, not dropped.
- A has no row whose label is 0: its false positive rate counts as 0.
- B has no row whose label is 0: its false positive rate counts as 0.

## How to read it

A selection rate is the share of a group that the model predicts as 1; its interval is the 95 % interval (Wilson). The impact ratio is a group’s selection rate over the highest one (6 RCNY 5-300). Metrics have the names and conventions of Fairlearn: a rate without cases counts as 0.
`
  )
  const nobody = await audit(t, 'y,p,g\n0,0,<b>\n', 'g')
  t.match(
    nobody.stdout,
    '\n| \\<b\\> | 1 | 0 | 0.0 % | 0.0 % to 79.3 % | not defined | nobody | 0.0 % |\n'
  )
  t.match(
    nobody.stdout,
    '\n- \\<b\\> has no row whose label is 1: its true positive rate counts as 0.\n'
  )
})

t.test('Standard input is read', t => {
  const args = ['bin/mlgitops.ts', 'audit', '-', ...asked, 'g', '--output', 'json']
  const stdout = execFileSync(process.execPath, args, { input: worked, stdio: 'pipe' }).toString()
  t.match(JSON.parse(stdout), { dataset: { name: 'stdin', rows: 250 } })
  t.end()
})

t.test('A terminal shows the number of rows, and the line is removed at the end', async t => {
  const terminal = ['--import', 'data:text/javascript,process.stderr.isTTY=true']
  const args = ['bin/mlgitops.ts', 'audit', '-', ...asked, 'g', '--output', 'json']
  const child = spawn(process.execPath, [...terminal, ...args])
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  child.stdin.write('y,p,g\n')
  await eventually(() => {
    child.stdin.write('1,1,a\n'.repeat(10))
    return stderr !== ''
  })
  child.stdin.end()
  await once(child, 'close')
  t.match(stderr, /^(?:\r\d+0 rows)+\r\u001b\[Kmlgitops audit: --model/)
  t.match(JSON.parse(stdout), { dataset: { name: 'stdin' } })
})

const hasFairlearn = spawnSync('python3', ['-c', 'import fairlearn']).status === 0

t.test(
  'Random tables have Fairlearn’s own figures',
  { skip: hasFairlearn ? false : 'python3 has no fairlearn' },
  async t => {
    let state = 20_261_124
    const random = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((state / 2 ** 32) * below)
    }
    const tables = Array.from({ length: 50 }, () => {
      const [length, bias, groups] = [random(60) + 1, random(4), random(4) + 1]
      return Array.from({ length }, () => [
        random(4) < bias ? 1 : 0,
        random(2),
        `g${random(groups)}`
      ])
    })
    const oracle = path.join(import.meta.dirname, 'oracle.py')
    const input = JSON.stringify(tables)
    const expected = JSON.parse(execFileSync('python3', [oracle], { input }).toString()) as Record<
      string,
      number | null
    >[]
    for (const [at, rows] of tables.entries()) {
      const { metrics } = await figures(`y,p,g\n${rows.join('\n')}\n`, 'g')
      for (const [name, value] of Object.entries(expected[at] ?? {})) {
        const found = metrics?.g?.[name] as number | null
        const isSame =
          value === null || found === null ? found === value : Math.abs(found - value) < 1e-12
        t.ok(isSame, `table ${at}: ${name}`)
      }
    }
  }
)
