import t from 'tap'
import { annotations } from '../../evidence/annotations.ts'
import { decodeStatement } from '../../evidence/attestation/decode-statement.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import { describeIdentity, identify } from '../../evidence/identity.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../evidence/workload/opaque-digest.ts'
import { faultText } from '../fault-text.ts'

const commit = 'a'.repeat(40)
const modelCommit = 'b'.repeat(40)
const facts: RenderFacts = {
  object: { group: 'batch', kind: 'Job', namespace: 'ml-staging', name: 'train' },
  source: {
    repository: 'https://git.example/ml',
    commit,
    modelCommit,
    path: 'models/churn',
    targetRevision: 'main'
  },
  environment: 'staging',
  images: ['b', 'a', 'b'],
  models: ['s3://m'],
  opaque: [
    { field: 'spec.y', digest: { sha256: '4'.repeat(64) } },
    { field: 'spec.x', digest: { sha256: '3'.repeat(64) } }
  ],
  evidence: [
    { path: 'card.md', digest: { sha256: '1'.repeat(64) } },
    { path: 'bias_audit.md', digest: { sha256: '0'.repeat(64) } }
  ],
  biasAudit: {
    model: { name: 'churn', version: '1.10' },
    modelCommit,
    date: '2026-11-02',
    auditor: { name: 'Lab', independent: true },
    dataset: { name: 'holdout', digest: `sha256:${'2'.repeat(64)}` },
    attributes: [
      {
        name: 'sex',
        groups: 2,
        smallestGroup: 20,
        smallGroups: ['b'],
        metrics: {
          demographic_parity_difference: 0.2,
          demographic_parity_ratio: null,
          equalized_odds_difference: 0.1,
          equalized_odds_ratio: 0.9,
          equal_opportunity_difference: 0.1,
          equal_opportunity_ratio: 0.9,
          predictive_parity_difference: 0,
          predictive_parity_ratio: 1
        }
      }
    ]
  }
}

t.test('the annotations are those of the documentation', t => {
  t.same(annotations, {
    gitCommit: 'mlgitops.io/git-commit',
    gitRepo: 'mlgitops.io/git-repo',
    modelCommit: 'mlgitops.io/model-commit',
    gitDirty: 'mlgitops.io/git-dirty',
    attestation: 'mlgitops.io/attestation'
  })
  t.end()
})

t.test('an object is identified by kind, namespace and name, without empty parts', t => {
  const cases: readonly (readonly [JsonObject, string])[] = [
    [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } }, 'Node a'],
    [
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'ml', name: 'churn' } },
      'apps/Deployment ml/churn'
    ],
    [
      {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { namespace: 'ml', generateName: 'train-' }
      },
      'batch/Job ml/train-*'
    ],
    [
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a', generateName: 'train-' } },
      'batch/Job a'
    ],
    [{ apiVersion: 'v1', kind: 'Pod' }, 'Pod *'],
    [{ apiVersion: 7, kind: null, metadata: { name: ['a'], generateName: 1 } }, ' *']
  ]
  for (const [object, text] of cases) t.equal(describeIdentity(identify(object)), text)
  t.same(identify({ metadata: { name: 'a', generateName: 'b-' } }), {
    group: '',
    version: '',
    kind: '',
    namespace: '',
    name: 'a',
    generateName: ''
  })
  t.end()
})

t.test('a statement is sorted, stable and read back', t => {
  const statement = buildStatement(facts)
  t.equal(
    encodeStatement(statement).toString(),
    '{"_type":"https://in-toto.io/Statement/v1","predicate":{' +
      `"biasAudit":{"attributes":[{"groups":2,"metrics":{"demographic_parity_difference":0.2,"demographic_parity_ratio":null,"equal_opportunity_difference":0.1,"equal_opportunity_ratio":0.9,"equalized_odds_difference":0.1,"equalized_odds_ratio":0.9,"predictive_parity_difference":0,"predictive_parity_ratio":1},"name":"sex","smallGroups":["b"],"smallestGroup":20}],"auditor":{"independent":true,"name":"Lab"},"dataset":{"digest":"sha256:${'2'.repeat(64)}","name":"holdout"},"date":"2026-11-02","model":{"name":"churn","version":"1.10"},"modelCommit":"${modelCommit}"},` +
      `"environment":"staging","evidence":[{"digest":{"sha256":"${'0'.repeat(64)}"},"path":"bias_audit.md"},{"digest":{"sha256":"${'1'.repeat(64)}"},"path":"card.md"}],` +
      '"images":["a","b"],"models":["s3://m"],"object":{"group":"batch","kind":"Job","name":"train","namespace":"ml-staging"},' +
      `"opaque":[{"digest":{"sha256":"${'3'.repeat(64)}"},"field":"spec.x"},{"digest":{"sha256":"${'4'.repeat(64)}"},"field":"spec.y"}],` +
      `"source":{"commit":"${commit}","modelCommit":"${modelCommit}","path":"models/churn","repository":"https://git.example/ml","targetRevision":"main"}},` +
      '"predicateType":"https://mlgitops.io/attestation/render/v1alpha1",' +
      `"subject":[{"digest":{"gitCommit":"${commit}"},"name":"batch/Job/ml-staging/train"}]}`
  )
  t.same(decodeStatement(encodeStatement(statement)), statement)
  const shuffled = {
    ...facts,
    images: facts.images.toReversed(),
    opaque: facts.opaque.toReversed(),
    evidence: facts.evidence.toReversed()
  }
  t.same(encodeStatement(buildStatement(shuffled)), encodeStatement(statement))
  const nameless = buildStatement({
    ...facts,
    object: { group: '', kind: 'Pod', namespace: '', generateName: 'p-' }
  })
  t.equal(nameless.subject[0].name, 'Pod/p-*')
  t.same(decodeStatement(encodeStatement(nameless)), nameless)
  t.end()
})

t.test('a payload that is not a render statement is refused, field by field', t => {
  const text = encodeStatement(buildStatement(facts)).toString()
  const changed = (from: string, to: string) =>
    faultText(() => decodeStatement(Buffer.from(text.replaceAll(from, to))))
  const refusal = 'the payload is not a render statement:\n  '
  const end = ' [ATTESTATION_INVALID]'
  const cases: readonly [string, string, string][] = [
    [
      'Statement/v1',
      'Statement/v2',
      '_type: expected "https://in-toto.io/Statement/v1", found a string'
    ],
    [
      'render/v1alpha1',
      'render/v2',
      'predicateType: expected "https://mlgitops.io/attestation/render/v1alpha1", found a string'
    ],
    ['"images":["a","b"],', '', 'predicate.images: expected a list of strings, found nothing'],
    [
      '"images":["a",',
      '"images":[7,',
      'predicate.images[0]: expected a non-empty string, found a number'
    ],
    ['"name":"train",', '', 'predicate.object: expected either a name or a generateName'],
    [
      '"name":"train"',
      '"name":"other"',
      'subject[0]: expected the object and the commit of the predicate'
    ],
    [
      `"subject":[{"digest":{"gitCommit":"${commit}"}`,
      `"subject":[{"digest":{"gitCommit":"${modelCommit}"}`,
      'subject[0]: expected the object and the commit of the predicate'
    ],
    [
      '"images":["a","b"],"models":["s3://m"]',
      '"images":"a"',
      'predicate.models: expected a list of strings, found nothing\n  predicate.images: expected a list of strings, found a string'
    ],
    [
      '"independent":true',
      '"independent":"yes"',
      'predicate.biasAudit.auditor.independent: expected true or false, found a string'
    ],
    [
      '"predictive_parity_ratio":1',
      '"other":1',
      'predicate.biasAudit.attributes[0].metrics.predictive_parity_ratio: expected a number, or null when it is undefined, found nothing'
    ]
  ]
  for (const [from, to, line] of cases) t.equal(changed(from, to), refusal + line + end, line)
  const digest = `sha256:${'7'.repeat(64)}`
  const named = `"modelCommit":"${modelCommit}"},"environment"`
  const audited = (members: string) => changed(named, `${members}},"environment"`)
  t.equal(audited(`"modelDigest":"${digest}"`), 'no fault', 'an audit of a digest only')
  t.equal(
    audited('"later":1'),
    `${refusal}predicate.biasAudit.modelCommit: expected a full Git commit (40 or 64 lowercase hexadecimal digits), found nothing${end}`
  )
  const expected = 'expected a digest (sha256: and 64 lowercase hexadecimal digits)'
  t.equal(
    audited(`"modelDigest":"${digest.toUpperCase()}"`),
    `${refusal}predicate.biasAudit.modelDigest: ${expected}, found a string${end}`
  )
  const stated = (value: string) =>
    changed('"path":"models', `"modelDigest":${value},"path":"models`)
  t.equal(stated(`"${digest}"`), 'no fault')
  t.equal(
    stated('"7"'),
    `${refusal}predicate.source.modelDigest: ${expected}, found a string${end}`
  )
  t.equal(changed('"environment":', '"later":1,"environment":'), 'no fault', 'new members pass')
  for (const bytes of ['{', '', '\uFEFF{}']) {
    t.equal(
      faultText(() => decodeStatement(Buffer.from(bytes))),
      `${refusal}the document: expected JSON in UTF-8${end}`
    )
  }
  t.equal(
    faultText(() => decodeStatement(Buffer.from([0x22, 0xff, 0x22]))),
    `${refusal}the document: expected JSON in UTF-8${end}`
  )
  t.equal(
    faultText(() => decodeStatement(Buffer.from('null'))),
    `${refusal}the document: expected an in-toto statement about a rendered object, found null${end}`
  )
  t.end()
})

t.test(
  'the digest of an opaque field depends on its content, not on the order of its members',
  t => {
    const digests = (spec: JsonValue) =>
      inspectWorkload({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', spec })?.opaque.map(
        digestOpaque
      )
    const plugin = (content: JsonObject) => ({ templates: [{ plugin: content }] })
    t.same(digests({ podSpecPatch: 'x' }), [
      // printf '"x"' | sha256sum
      'ba2df4903a2c14e86dc3bcca58911b44ac1d2514b7227bf6eb08cfb978f55a1b'
    ])
    t.same(digests(plugin({ a: 1, b: [2] })), digests(plugin({ b: [2], a: 1 })))
    t.not(digests(plugin({ a: 1 }))?.[0], digests(plugin({ a: 2 }))?.[0])
    const long = 'k'.repeat(500)
    const hooks = (name: string) => digests({ hooks: { [long]: { templateRef: { name } } } })
    t.equal(hooks('a')?.length, 1, 'a key that no field path can express')
    t.not(hooks('a')?.[0], hooks('b')?.[0], 'is bound with what it holds')
    t.end()
  }
)
