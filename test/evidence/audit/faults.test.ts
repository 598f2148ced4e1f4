import t from 'tap'
import { run } from '../../../bin/run.ts'
import { auditUsage } from '../../../evidence/audit/audit-options.ts'
import { asked, audit } from './audited.ts'

t.test('Invalid input is a fault with its line', async t => {
  const many = Array.from({ length: 101 }, (_, at) => `1,1,g${at}\n`).join('')
  const cases: readonly (readonly [string | Buffer, string])[] = [
    ['', 'data.csv: the file has no rows to audit [AUDIT_EMPTY]'],
    ['y,p,g\n', 'data.csv: the file has no rows to audit [AUDIT_EMPTY]'],
    [
      'y,p\n',
      'data.csv:1: the column "g" does not exist [AUDIT_COLUMN_UNKNOWN]\n  expected: "y", "p"'
    ],
    ['y,p,g,g\n1,1,a,b', 'data.csv:1: the column "g" occurs twice [AUDIT_COLUMN_TWICE]'],
    [
      'y,p,g\n1,1,a\n1,1\n',
      'data.csv:3: a row does not have as many fields as the header [AUDIT_CSV_INVALID]\n  found:    2 fields\n  expected: 3'
    ],
    [
      'y,p,g\n\n1,1,"a',
      'data.csv:3: a quote is never closed [AUDIT_CSV_INVALID]\n  expected: CSV as in RFC 4180'
    ],
    [
      'y,p,g\n1,1,"a"b\n',
      'data.csv:2: text follows a closing quote [AUDIT_CSV_INVALID]\n  expected: CSV as in RFC 4180'
    ],
    [
      'y,p,g\n1,1,a"b"\n',
      'data.csv:2: a field without quotes contains a quote [AUDIT_CSV_INVALID]\n  expected: CSV as in RFC 4180'
    ],
    [
      'y,p,g\n2,1,a\n',
      'data.csv:2: a label is neither of the two classes [AUDIT_VALUE_INVALID]\n  found:    "2"\n  expected: 0, 1, true or false'
    ],
    [
      'y,p,g\n1,,a\n',
      'data.csv:2: a prediction is neither of the two classes [AUDIT_VALUE_INVALID]\n  found:    nothing\n  expected: 0, 1, true or false'
    ],
    [
      `y,p,g\n${many}`,
      'data.csv:102: g has more than 100 values [AUDIT_TOO_MANY_GROUPS]\n  remedy:   Choose a column with few groups, such as age bands.'
    ],
    [
      '{"y":1,"p":1}',
      'data.csv:1: the member "g" does not exist [AUDIT_COLUMN_UNKNOWN]\n  expected: "y", "p"'
    ],
    ['{"y":1,"p":1,"g":1}\n[1]', 'data.csv:2: a line is not a JSON object [AUDIT_JSON_INVALID]'],
    ['{"y":1,"p":1,"g":1}\n{', 'data.csv:2: a line is not a JSON object [AUDIT_JSON_INVALID]'],
    [
      '{"y":1,"p":1,"g":[1]}',
      'data.csv:1: "g" is not a single value [AUDIT_JSON_INVALID]\n  expected: a string, a number, true, false or null'
    ],
    [Buffer.from([0x79, 0xff]), 'data.csv:1: the file is not UTF-8 [AUDIT_TEXT_INVALID]'],
    [
      Buffer.concat([Buffer.from('y,p,g\n1,1,a'), Buffer.from([0xc3])]),
      'data.csv:2: the file is not UTF-8 [AUDIT_TEXT_INVALID]'
    ],
    [
      `y,p,g\n1,1,${'x'.repeat(101)}\n`,
      `data.csv:2: a value of g cannot name a group [AUDIT_GROUP_INVALID]\n  found:    "${'x'.repeat(78)}…\n  expected: at most 100 characters on one line`
    ],
    [
      '{"y":1,"p":1,"g":"\\ud800"}',
      'data.csv:1: a value of g cannot name a group [AUDIT_GROUP_INVALID]\n  found:    "\\ud800"\n  expected: at most 100 characters on one line'
    ],
    [
      `y,p,g\n${'x'.repeat(1_100_000)}`,
      'data.csv:2: a line is longer than 1 MiB [AUDIT_TEXT_INVALID]\n  expected: a table with a row on each line'
    ],
    [
      `y,p,g\n1,1,"${'x\n'.repeat(600_000)}`,
      'data.csv:2: a row is longer than 1 MiB [AUDIT_CSV_INVALID]\n  expected: CSV as in RFC 4180'
    ]
  ]
  for (const [text, message] of cases) {
    const { stdout, stderr, exitCode } = await audit(t, text, 'g')
    t.same([stdout, stderr, exitCode], ['', `mlgitops: ${message}\n`, 1])
  }
  const comma = await audit(t, 'y,p,g,h\n1,1,"a,b",c\n', 'g,h', ['--intersections'])
  t.equal(
    comma.stderr,
    'mlgitops: data.csv:2: a value with a comma cannot be part of an intersection [AUDIT_GROUP_INVALID]\n  found:    "a,b"\n  remedy:   Rename the value, or omit --intersections.\n'
  )
  const intersection = (rows: string) =>
    audit(t, `y,p,g,h\n${rows}`, 'g,h', ['--intersections']).then(({ stderr }) => stderr)
  const eleven = Array.from({ length: 11 }, (_, at) => at)
  const pairs = eleven.flatMap(g => eleven.map(h => `1,1,${g},${h}\n`)).join('')
  t.match(await intersection(pairs), 'data.csv:102: g,h has more than 100 values [')
  const half = 'x'.repeat(50)
  t.match(
    await intersection(`1,1,${half},${half}\n`),
    'data.csv:2: a value of g,h cannot name a group ['
  )
  t.match(await intersection(`1,1,${half},${half.slice(1)}\n`), /^mlgitops audit: --model/)
  const unwritable = await audit(t, 'y,p,g\n1,1,a\n', 'g', ['--out', 'none/audit.md'])
  t.match(unwritable.stderr, '--out: the audit cannot be written (ENOENT) [FILE_UNWRITABLE]')
  const args = ['audit', 'none.csv', ...asked, 'g']
  t.same(await run({ args, env: {}, folder: t.testdir() }), {
    stdout: '',
    stderr: 'mlgitops: none.csv: the file cannot be read (ENOENT) [FILE_UNREADABLE]\n',
    exitCode: 1
  })
})

t.test('A wrong command line exits with 2', async t => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [[], 'audit takes one FILE'],
    [['a', 'b'], 'audit takes one FILE'],
    ...[
      ['--label', 'y', '--sensitive', 'g'],
      ['--prediction', 'p', '--sensitive', 'g'],
      asked.slice(0, 4)
    ].map(given => [['a', ...given], 'audit needs --label, --prediction and --sensitive'] as const),
    [['a', ...asked, ','], 'audit needs --label, --prediction and --sensitive'],
    ...['g,g', 'a,b,c,d,e,f,g,h,i'].map(
      columns =>
        [['a', ...asked, columns], '--sensitive takes up to eight columns, each once'] as const
    ),
    [['a', ...asked, 'g', '--output', 'yaml'], '--output is one of markdown, json'],
    ...['abc', 'a'.repeat(41), `x${'a'.repeat(40)}`, `${'a'.repeat(64)}x`].map(
      commit =>
        [
          ['a', ...asked, 'g', '--commit', commit],
          '--commit must be a full commit: 40 or 64 hexadecimal digits'
        ] as const
    ),
    ...['a'.repeat(64), `sha256:${'A'.repeat(64)}`, `sha256:${'a'.repeat(65)}`].map(
      digest =>
        [
          ['a', ...asked, 'g', '--model-digest', digest],
          '--model-digest must be sha256: and 64 lowercase hexadecimal digits'
        ] as const
    ),
    ...['2026-02-30', 'today', '2026-11'].map(
      date =>
        [
          ['a', ...asked, 'g', '--date', date],
          '--date must be a calendar date, yyyy-mm-dd'
        ] as const
    ),
    ...['--model', '--version', '--auditor', '--dataset'].map(
      option =>
        [
          ['a', ...asked, 'g', option, 'a\nb'],
          `${option} takes 1 to 100 characters on one line`
        ] as const
    ),
    ...['0', '05', '5x', '1234567890'].map(
      size =>
        [
          ['a', ...asked, 'g', '--minimum-group-size', size],
          '--minimum-group-size must be a whole number from 1 up'
        ] as const
    ),
    [['a', ...asked, 'g', '--positive', '1'], "Unknown option '--positive'"]
  ]
  for (const [args, message] of cases) {
    const { stderr, exitCode } = await run({ args: ['audit', ...args], env: {}, folder: '.' })
    t.same(
      [stderr, exitCode],
      [`mlgitops audit: ${message}\nmlgitops audit --help says more.\n`, 2]
    )
  }
  const largest = ['--commit', 'a'.repeat(64), '--minimum-group-size', '12']
  const taken = await audit(
    t,
    'y,p,a,b,c,d,e,f,g,h\n1,1,1,1,1,1,1,1,1,1\n',
    'a,b,c,d,e,f,g,h',
    largest
  )
  t.match(taken.stdout, `\nmodelCommit: ${'a'.repeat(64)}\n`)
  t.match(taken.stdout, '\nminimumGroupSize: 12\n')
  const help = await run({ args: ['audit', '--help'], env: {}, folder: '.' })
  t.same(help, { stdout: auditUsage, stderr: '', exitCode: 0 })
})

t.test('A column with one value is a warning, because it compares nothing', async t => {
  const { stderr } = await audit(t, 'y,p,sex,region\n1,1,f,eu\n0,0,m,eu\n', 'sex,region')
  t.match(stderr, /^mlgitops audit: region has one group, so it compares nothing\n$/m)
  t.notMatch(stderr, 'sex has one group')
})
