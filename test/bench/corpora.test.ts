import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { compare } from '../../bench/corpora/compare.ts'
import type { Comparison } from '../../bench/corpora/compare.ts'
import { readObjects } from '../../bench/corpora/objects.ts'
import type { CorpusObject } from '../../bench/corpora/objects.ts'
import { ourRefusals } from '../../bench/corpora/ours.ts'
import { pairs } from '../../bench/corpora/pairs.ts'
import type { Pair } from '../../bench/corpora/pairs.ts'
import { reasonOf } from '../../bench/corpora/reasons.ts'
import { figuresOf, report, unexplained, withFigures } from '../../bench/corpora/report.ts'
import { commits, gatorVersion, podSecurityVersion } from '../../bench/corpora/versions.ts'

const root = path.join(import.meta.dirname, '../..')

function corpusOf(
  folder: string,
  files: Readonly<Record<string, string>>
): readonly CorpusObject[] {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), text)
  }
  return readObjects([{ name: 'theirs', folder, objects: ['**/*.yaml'] }])
}

const pod = (name: string, container = '{name: c, image: host/x:1}') =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, labels: {a: b}}\nspec: {containers: [${container}]}\n`

t.test('every object that runs containers is taken once, under a name of its own', t => {
  const objects = corpusOf(t.testdir(), {
    'a/pods.yaml': `${pod('one')}---\n${pod('the-same')}---\n${pod('two', '{name: c, image: host/y:1}')}`,
    'b/namespace.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: n, labels: {a: b}}\n',
    'b/template.yaml': 'kind: {{ .Kind }}\n',
    'b/others.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: no-containers}\nspec: {}\n---\napiVersion: batch.volcano.sh/v1alpha1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {containers: [{name: c}]}}}\n'
  })
  t.same(objects, [
    {
      name: 'o-00000',
      kind: 'Pod',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'o-00000', namespace: 'default', labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'host/x:1' }] }
      },
      file: 'theirs/a/pods.yaml'
    },
    {
      name: 'o-00001',
      kind: 'Pod',
      object: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'o-00001', namespace: 'default', labels: { a: 'b' } },
        spec: { containers: [{ name: 'c', image: 'host/y:1' }] }
      },
      file: 'theirs/a/pods.yaml'
    },
    {
      name: 'o-00002',
      kind: 'Namespace',
      object: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'o-00002', labels: { a: 'b' } },
        spec: null
      },
      file: 'theirs/b/namespace.yaml'
    }
  ])
  t.end()
})

/** The policies of a peer that refuse a Pod with this container. */
function refusing(folder: string, container: string, peer: Pair['peer']): string[] {
  const refusals = ourRefusals(pairs, corpusOf(folder, { 'pod.yaml': pod('p', container) }))
  return pairs
    .filter(pair => pair.peer === peer && refusals.get(`${peer} ${pair.id}`)?.has('o-00000'))
    .map(({ id }) => id)
}

t.test('our rules refuse what the policies beside them are about', t => {
  const refusals = (container: string) =>
    refusing(t.testdir(), `{name: c, ${container}}`, 'pod-security')
  t.same(refusals('image: x, securityContext: {privileged: true}'), ['privileged'])
  t.same(refusals('image: x, securityContext: {privileged: false}'), [])
  const digest = `eu.foo.io/x@sha256:${'0'.repeat(64)}`
  t.same(refusing(t.testdir(), `{name: c, image: "${digest}"}`, 'kyverno'), [
    'require-labels',
    'require-requests-limits'
  ])
  t.same(refusing(t.testdir(), '{name: c, image: "eu.foo.io/x"}', 'kyverno'), [
    'disallow-latest-tag',
    'require-labels',
    'require-requests-limits',
    'require-image-checksum'
  ])
  t.end()
})

function firstPair(): Pair {
  const [first] = pairs
  if (first === undefined) throw new Error('there are no pairs')
  return first
}

const privileged = firstPair()
const object = (name: string, kind = 'Pod', file = 'theirs/a.yaml'): CorpusObject => {
  return { name, kind, object: {}, file }
}

t.test('a pair is compared on the kinds that both judge, once the peer has answered', t => {
  const objects = [
    object('both'),
    object('ours'),
    object('theirs'),
    object('x', 'Job'),
    object('y')
  ]
  const key = 'pod-security privileged'
  const ours = new Map([[key, new Set(['both', 'ours'])]])
  const theirs = new Map([[key, new Set(['both', 'theirs', 'x'])]])
  t.same(compare(pairs, objects, { ours, theirs }), [
    {
      pair: privileged,
      judged: 4,
      refused: 1,
      differences: [
        { object: object('ours'), refusedBy: 'ours', reason: undefined },
        { object: object('theirs'), refusedBy: 'theirs', reason: undefined }
      ]
    }
  ])
  t.same(compare(pairs, objects, { ours, theirs: new Map() }), [], 'its program was not built')
  t.end()
})

t.test('a reason fits one policy, one side and its objects', t => {
  const reason = (id: string, found: CorpusObject, refusedBy: 'ours' | 'theirs') =>
    reasonOf(pairs.find(pair => pair.id === id) ?? privileged, found, refusedBy)
  t.match(reason('require-labels', object('x', 'Deployment'), 'ours'), 'of a controller')
  t.equal(reason('require-labels', object('x'), 'ours'), undefined)
  const exempt = object('x', 'Pod', 'gatekeeper-library/exempt.yaml')
  t.match(reason('psp-privileged-container', exempt, 'ours'), 'exempts some images')
  t.equal(reason('psp-privileged-container', exempt, 'theirs'), undefined)
  t.equal(reason('privileged', exempt, 'ours'), undefined, 'of another peer')
  const port = object('x', 'Pod', 'kyverno-policies/no_tag_w_port.yaml')
  t.match(reason('disallow-latest-tag', port, 'ours'), 'port of a registry')
  t.end()
})

t.test('the figures and what has no reason', t => {
  const comparisons: readonly Comparison[] = [
    {
      pair: privileged,
      judged: 7,
      refused: 2,
      differences: [
        { object: object('a'), refusedBy: 'ours', reason: 'it is so' },
        { object: object('b'), refusedBy: 'ours', reason: 'it is so' },
        { object: object('c'), refusedBy: 'theirs', reason: undefined }
      ]
    }
  ]
  t.equal(
    report(comparisons, 9, '2026-12-01'),
    `9 objects, 7 pairs of verdicts (2026-12-01), 4 equal, 3 different.

| peer | policy | objects | refused by both | equal | different |
| --- | --- | --- | --- | --- | --- |
| pod-security | \`privileged\` | 7 | 2 | 4 | 3 |

Each difference and its reason:

| policy | objects | refused by | reason |
| --- | --- | --- | --- |
| \`privileged\` | 2 | ours | it is so |
| \`privileged\` | 1 | theirs | ? |
`
  )
  t.equal(
    unexplained(comparisons),
    'pod-security privileged: Pod of theirs/a.yaml is refused by theirs only\n'
  )
  t.equal(unexplained([]), '')
  t.end()
})

t.test('docs/corpora.md has the figures of a run: they add up, and its rows are the pairs', t => {
  const page = readFileSync(path.join(root, 'docs/corpora.md'), 'utf8')
  const figures = figuresOf(page)
  t.equal(withFigures(page, figures), page)
  t.equal(figuresOf(withFigures(page, 'other\n')), 'other\n')
  t.throws(() => withFigures('# A page\n', figures), /has no figures between/)
  const rows = figures.split('\n').map(line => line.split(' | '))
  const [, total = '', date = '', equal = '', different = ''] =
    /^\d+ objects, (\d+) pairs of verdicts \((.*)\), (\d+) equal, (\d+) different\.$/m.exec(
      figures
    ) ?? []
  t.match(date, /^\d{4}-\d\d-\d\d$/)
  const verdicts = rows.filter(row => row.length === 6 && row[1]?.startsWith('`'))
  const sum = (column: number) =>
    String(verdicts.reduce((total, row) => total + Number.parseInt(row[column] ?? '', 10), 0))
  t.same([sum(2), sum(4), sum(5)], [total, equal, different])
  t.same(
    verdicts.map(([peer = '', policy]) => `${peer.replace('| ', '')} ${policy ?? ''}`),
    pairs.map(({ peer, id }) => `${peer} \`${id}\``)
  )
  const explained = rows.filter(row => row.length === 4 && row[0]?.startsWith('| `'))
  const differences = explained.map(row => Number(row[1]))
  t.equal(String(differences.reduce((sum, each) => sum + each, 0)), different)
  t.notMatch(figures, '| ? |', 'each difference has a reason')
  for (const version of [
    podSecurityVersion,
    commits['gatekeeper-library'].slice(0, 8),
    gatorVersion.slice(1),
    commits['kyverno-policies'].slice(0, 8)
  ]) {
    t.match(page.slice(0, page.indexOf('```sh')), version)
  }
  t.end()
})
