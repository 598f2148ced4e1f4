import fc from 'fast-check'
import t from 'tap'
import { fairnessMetrics } from '../../evidence/bias-audit/metrics.ts'
import type { GroupCounts } from '../../evidence/bias-audit/metrics.ts'
import { parseBiasAudit } from '../../evidence/bias-audit/parse.ts'
import { summariseBiasAudit } from '../../evidence/bias-audit/summary.ts'
import { faultText } from '../fault-text.ts'
import { audit, commit, digest, frontMatter } from './churn-audit.ts'

function counts(tp: number, fp: number, fn: number, tn: number): GroupCounts {
  return { n: tp + fp + fn + tn, selected: tp + fp, tp, fp, fn, tn }
}

function attributeSummary(name: string, groups: readonly GroupCounts[], small: readonly string[]) {
  const smallestGroup = Math.min(...groups.map(({ n }) => n))
  const metrics = fairnessMetrics(groups)
  return { name, groups: groups.length, smallestGroup, smallGroups: small, metrics }
}

t.test('a bias audit is summarised with every metric, whatever it reports', t => {
  const summary = summariseBiasAudit(parseBiasAudit(audit, 'bias_audit.md'))
  const attributes = summary.attributes.map(({ figures, ...rest }) => {
    t.ok(figures, 'test/evidence/group-figures.test.ts')
    return rest
  })
  t.same(
    { ...summary, attributes },
    {
      model: { name: 'churn', version: '1.10' },
      modelCommit: commit,
      date: '2026-11-02',
      auditor: { name: 'Lab', independent: true },
      dataset: { name: 'holdout', digest },
      attributes: [
        attributeSummary('sex', [counts(45, 15, 10, 30), counts(5, 3, 3, 9)], ['b']),
        attributeSummary('age', [counts(0, 0, 1, 1)], ['(missing)']),
        attributeSummary('sex,age', [counts(20, 0, 0, 20)], [])
      ]
    }
  )
  t.match(summary.attributes[0]?.metrics, {
    predictive_parity_ratio: 0.8333333333333334,
    demographic_parity_ratio: 0.6666666666666667
  })
  const sizes = (minimum: string) =>
    summariseBiasAudit(
      parseBiasAudit(audit.replace('attributes:', `${minimum}\nattributes:`), 'bias_audit.md')
    ).attributes.map(({ smallGroups }) => smallGroups)
  t.same(sizes('minimumGroupSize: 20'), [[], ['(missing)'], []])
  t.same(sizes('minimumGroupSize: 41'), [['b'], ['(missing)'], ['a,young']])
  t.same(sizes('minimumGroupSize: 1'), [[], [], []])
  const bare = parseBiasAudit(audit.replace(/, digest: "[^"]*"/, ''), 'bias_audit.md')
  t.same(summariseBiasAudit(bare).dataset, { name: 'holdout' })
  t.end()
})

t.test('Markdown, YAML and JSON give the same audit', t => {
  const value = parseBiasAudit(audit, 'bias_audit.md')
  t.same(parseBiasAudit(frontMatter, 'bias_audit.yaml'), value)
  t.same(parseBiasAudit(JSON.stringify(value, null, '\t'), 'bias_audit.json'), value)
  t.same(parseBiasAudit(`\uFEFF${audit}`.replaceAll('\n', '\r\n'), 'models/x/bias_audit.md'), value)
  const optional = { ...value, positiveLabel: true, unknownCount: 3, notes: 'a\nb' }
  t.same(parseBiasAudit(JSON.stringify(optional), 'bias_audit.json'), optional)
  t.end()
})

t.test('an audit that does not add up is refused, figure by figure', t => {
  const group = 'attributes[0].groups'
  const cases: readonly (readonly [string, string, ...string[]])[] = [
    ['selected: 60', 'selected: 61', `${group}[0].selected: found 61, expected 60 (tp + fp)`],
    ['n: 100', 'n: 101', `${group}[0].n: found 101, expected 100 (tp + fp + fn + tn)`],
    [
      'tp: 45',
      'tp: 46',
      `${group}[0].n: found 100, expected 101 (tp + fp + fn + tn)`,
      `${group}[0].selected: found 60, expected 61 (tp + fp)`
    ],
    [
      '_difference: 0.2,',
      '_difference: 0.20001,',
      'attributes[0].metrics.demographic_parity_difference: found 0.20001, expected 0.19999999999999996'
    ],
    ['impact_ratio: 1', 'impact_ratio: null', `${group}[0].impact_ratio: found null, expected 1`],
    ...[1, 0].map(
      ratio =>
        [
          'parity_ratio: null',
          `parity_ratio: ${ratio}`,
          `attributes[1].metrics.demographic_parity_ratio: found ${ratio}, expected null`
        ] as const
    ),
    [
      'parity_difference: 0, demographic_parity_ratio: null',
      'parity_difference: null, demographic_parity_ratio: null',
      'attributes[1].metrics.demographic_parity_difference: found null, expected 0'
    ],
    ['name: b', 'name: a', `${group}[1].name: found "a" twice, expected unique names`],
    [
      'name: age',
      'name: sex',
      'attributes[1].name: found "sex" twice, expected unique names',
      'attributes[2].intersectionOf[1]: found "age", expected an attribute of the audit'
    ],
    [
      'rows: 240',
      'rows: 119',
      'attributes[0].groups: found 120 members, expected at most the 119 rows of the dataset'
    ]
  ]
  for (const [from, to, ...lines] of cases) {
    t.equal(
      faultText(() => parseBiasAudit(audit.replace(from, to), 'm/bias_audit.md')),
      `m/bias_audit.md: the bias audit disagrees with its own counts:\n  ${lines.join('\n  ')} [BIAS_AUDIT_INCONSISTENT]` +
        '\n  remedy:   correct the counts, or compute the figures again from them',
      to
    )
  }
  for (const [from, to, message] of [
    [': 0.2,', ': 0.2000009,', 'a millionth is rounding'],
    ['rows: 240', 'rows: 120', 'as many members as rows']
  ] as const) {
    t.equal(
      faultText(() => parseBiasAudit(audit.replace(from, to), 'bias_audit.md')),
      'no fault',
      message
    )
  }
  const value = parseBiasAudit(audit, 'bias_audit.md')
  const wrong = (length: number) => {
    const group = { ...value.attributes[0]?.groups[1], n: 1, selected: 0 }
    const groups = Array.from({ length }, (_, at) => ({ ...group, name: `g${at}` }))
    const attributes = [{ ...value.attributes[0], groups }]
    return faultText(() => parseBiasAudit(JSON.stringify({ ...value, attributes }), 'a.json'))
  }
  const ten = /^a\.json: the bias audit disagrees with its own counts:(\n {2}attributes.*){10}/
  t.match(wrong(5), new RegExp(`${ten.source} \\[`), 'two of each group')
  t.match(wrong(6), new RegExp(`${ten.source}\\n {2}and 2 more \\[`), 'the list is bounded')
  t.end()
})

t.test('an audit that does not match the schema is refused, field by field', t => {
  const name = 'expected a string of 1 to 100 characters on one line'
  const count = 'expected a whole number from 0 up'
  const cases: readonly (readonly [string, string, string])[] = [
    ['kind: test', 'kind: guess', 'dataset.kind: expected "historical" or "test", found a string'],
    ['version: "1.10"', 'version: 1.10', `model.version: ${name}, found a number`],
    ['name: churn', 'name: "a\\nb"', `model.name: ${name}, found a string`],
    ['name: churn', `name: ${'x'.repeat(101)}`, `model.name: ${name}, found a string`],
    ['name: Lab, ', '', `auditor.name: ${name}, found nothing`],
    [
      'independent: true',
      'independent: "yes"',
      'auditor.independent: expected true or false, found a string'
    ],
    ['tp: 45', 'tp: 45.5', `attributes[0].groups[0].tp: ${count}, found a number`],
    ['tp: 45', 'tp: -1', `attributes[0].groups[0].tp: ${count}, found a number`],
    ['tp: 45', 'tp: 9007199254740993', `attributes[0].groups[0].tp: ${count}, found a number`],
    [
      'n: 20',
      'n: 0',
      'attributes[0].groups[1].n: expected a whole number from 1 up, found a number'
    ],
    [
      `modelCommit: ${commit}`,
      'modelCommit: abc1234',
      'modelCommit: expected a full Git commit (a string of 40 or 64 lowercase hexadecimal digits), found a string'
    ],
    [
      'date: "2026-11-02"',
      'date: 2026-11-2',
      'date: expected a date (a string, yyyy-mm-dd), found a string'
    ],
    ['date: "2026-11-02"', 'date: "2026-02-30"', 'date: expected a calendar date'],
    [
      digest,
      'md5:0',
      'dataset.digest: expected a digest (sha256: and 64 lowercase hexadecimal digits), found a string'
    ],
    [
      'kind: BiasAudit',
      'kind: BiasAudit\nmodelcommit: x',
      'modelcommit: not a known field; known are "apiVersion", "kind", "model", "modelCommit", "modelDigest", "artifacts", "date", "auditor", "dataset", "positiveLabel", "minimumGroupSize", "unknownCount", "notes", "attributes"'
    ],
    [
      'equalized_odds_ratio: 0.75',
      'equalised_odds_ratio: 0.75, equalized_odds_ratio: 0.75',
      'attributes[0].metrics.equalised_odds_ratio: not a known field; known are "demographic_parity_difference", "demographic_parity_ratio", "equalized_odds_difference", "equalized_odds_ratio", "equal_opportunity_difference", "equal_opportunity_ratio", "predictive_parity_difference", "predictive_parity_ratio"'
    ],
    [
      '[sex, age]',
      '[sex]',
      'attributes[2].intersectionOf: expected a list of 2 to 8 attribute names, found a list'
    ],
    ...['2nd', 'v2'].map(
      key =>
        [
          'independent: true',
          `independent: true, ${key}: x`,
          `auditor.${key}: not a known field; known are "name", "independent"`
        ] as const
    ),
    [
      '      - { name: b, ',
      `${'      - { name: x, n: 1, selected: 0, tp: 0, fp: 0, fn: 0, tn: 1 }\n'.repeat(9)}      - { name: 7, `,
      'attributes[0].groups[10].name: expected a string of 1 to 100 characters on one line, found a number'
    ]
  ]
  for (const [from, to, line] of cases) {
    t.equal(
      faultText(() => parseBiasAudit(audit.replace(from, to), 'bias_audit.md')),
      `bias_audit.md: the bias audit does not match its schema:\n  ${line} [BIAS_AUDIT_INVALID]`,
      to
    )
  }
  t.match(
    faultText(() => parseBiasAudit('{"b":1,"c":1}', 'bias_audit.json')),
    /schema:(\n {2}\S.*){10} \[/,
    'eight missing fields and two unknown are one fault'
  )
  t.match(
    faultText(() => parseBiasAudit('{"b":1,"c":1,"d":1}', 'bias_audit.json')),
    /schema:(\n {2}\S.*){10}\n {2}and 1 more \[/
  )
  for (const [text, kind] of [
    ['', 'null'],
    ['text', 'a string'],
    ['[]', 'a list']
  ] as const) {
    t.equal(
      faultText(() => parseBiasAudit(text, 'bias_audit.yaml')),
      `bias_audit.yaml: the bias audit does not match its schema:\n  the document: expected a bias audit, found ${kind} [BIAS_AUDIT_INVALID]`
    )
  }
  t.end()
})

t.test('faults of the text name their line', t => {
  const open = audit.indexOf('\n---\n')
  for (const text of [`${audit.slice(0, open)}\n---`, audit.replaceAll('---\n', '--- \t\n')]) {
    t.same(parseBiasAudit(text, 'bias_audit.md'), parseBiasAudit(audit, 'bias_audit.md'), text)
  }
  for (const text of [
    'Prose',
    `---\n${frontMatter}`,
    `Prose\n${audit}`,
    audit.replace('---', '---yaml'),
    `${audit.slice(0, open)}\n---yaml`
  ]) {
    t.equal(
      faultText(() => parseBiasAudit(text, 'bias_audit.md')),
      'bias_audit.md: the bias audit has no front matter [BIAS_AUDIT_INVALID]\n' +
        '  expected: YAML between two lines of --- at the top\n' +
        '  remedy:   docs/bias-audit.md shows one.'
    )
  }
  const cases: readonly [string, string, RegExp][] = [
    [
      audit.replace('n: 100', 'n: [100'),
      'bias_audit.md',
      /^bias_audit\.md:12:\d+: .*\[YAML_INVALID\]/
    ],
    [
      audit.replace('tp: 45', 'tp: 45, tp: 46'),
      'bias_audit.md',
      /^bias_audit\.md:12:50: .*"tp".*\[YAML_DUPLICATE_KEY\]/
    ],
    ['{"a":1,"a":2}', 'bias_audit.json', /^bias_audit\.json:1:9: .*\[YAML_DUPLICATE_KEY\]/],
    ['{"__proto__":1}', 'bias_audit.json', /^bias_audit\.json:1:3: /],
    [
      `${frontMatter}---\nkind: x\n`,
      'bias_audit.yaml',
      /^bias_audit\.yaml:\d+: the bias audit has a second document \[BIAS_AUDIT_INVALID\]$/
    ]
  ]
  for (const [text, file, message] of cases)
    t.match(
      faultText(() => parseBiasAudit(text, file)),
      message
    )
  t.end()
})

t.test('any JSON is an audit or a fault', t => {
  const value = parseBiasAudit(audit, 'bias_audit.md') as unknown as Record<string, unknown>
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(value)), fc.jsonValue(), (key, other) => {
      const text = JSON.stringify({ ...value, [key]: other })
      t.type(
        faultText(() => parseBiasAudit(text, 'bias_audit.json')),
        'string'
      )
    }),
    { seed: 22, numRuns: 100 }
  )
  t.end()
})
