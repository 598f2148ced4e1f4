import t from 'tap'
import { annotations } from '../../evidence/annotations.ts'
import { decodeStatement } from '../../evidence/attestation/decode-statement.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import { describeIdentity, identify } from '../../evidence/identity.ts'
import type { JsonObject } from '../../common/json.ts'
import { faultText } from '../fault-text.ts'

const commit = 'a'.repeat(40)
const modelCommit = 'b'.repeat(40)
const modelDigest = `sha256:${'5'.repeat(64)}`
const facts: RenderFacts = {
  object: { group: 'batch', kind: 'Job', namespace: 'ml-staging', name: 'train' },
  rendered: { brotli: 'gwSAeyJzcGVjIjoxfQM=' },
  source: {
    repository: 'https://git.example/ml',
    commit,
    modelCommit,
    modelDigest,
    path: 'models/churn',
    targetRevision: 'main',
    committedAt: '2026-11-02T09:00:00Z'
  },
  environment: 'staging',
  images: ['b', 'a', 'b'],
  models: ['s3://m'],
  pins: [
    { tag: 'bbbbbbb', commit: modelCommit, isAncestor: true, sameSources: true },
    { tag: '1234567', isAncestor: false, sameSources: false }
  ],
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
    artifacts: [{ uri: 's3://m', digest: modelDigest }, { uri: 'host/m:1' }],
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
    modelDigest: 'mlgitops.io/model-digest',
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
      `"biasAudit":{"artifacts":[{"digest":"${modelDigest}","uri":"s3://m"},{"uri":"host/m:1"}],"attributes":[{"groups":2,"metrics":{"demographic_parity_difference":0.2,"demographic_parity_ratio":null,"equal_opportunity_difference":0.1,"equal_opportunity_ratio":0.9,"equalized_odds_difference":0.1,"equalized_odds_ratio":0.9,"predictive_parity_difference":0,"predictive_parity_ratio":1},"name":"sex","smallGroups":["b"],"smallestGroup":20}],"auditor":{"independent":true,"name":"Lab"},"dataset":{"digest":"sha256:${'2'.repeat(64)}","name":"holdout"},"date":"2026-11-02","model":{"name":"churn","version":"1.10"},"modelCommit":"${modelCommit}"},` +
      `"environment":"staging","evidence":[{"digest":{"sha256":"${'0'.repeat(64)}"},"path":"bias_audit.md"},{"digest":{"sha256":"${'1'.repeat(64)}"},"path":"card.md"}],` +
      '"images":["a","b"],"models":["s3://m"],"object":{"group":"batch","kind":"Job","name":"train","namespace":"ml-staging"},' +
      `"opaque":[{"digest":{"sha256":"${'3'.repeat(64)}"},"field":"spec.x"},{"digest":{"sha256":"${'4'.repeat(64)}"},"field":"spec.y"}],` +
      `"pins":[{"isAncestor":false,"sameSources":false,"tag":"1234567"},{"commit":"${modelCommit}","isAncestor":true,"sameSources":true,"tag":"bbbbbbb"}],` +
      '"rendered":{"brotli":"gwSAeyJzcGVjIjoxfQM="},' +
      `"source":{"commit":"${commit}","committedAt":"2026-11-02T09:00:00Z","modelCommit":"${modelCommit}","modelDigest":"${modelDigest}","path":"models/churn","repository":"https://git.example/ml","targetRevision":"main"}},` +
      '"predicateType":"https://mlgitops.io/attestation/render/v1alpha2",' +
      `"subject":[{"digest":{"gitCommit":"${commit}"},"name":"batch/Job/ml-staging/train"}]}`
  )
  const read = decodeStatement(encodeStatement(statement))
  t.same(read, { version: 'v1alpha2', facts: statement.predicate })
  const shuffled = {
    ...facts,
    images: facts.images.toReversed(),
    pins: facts.pins.toReversed(),
    opaque: facts.opaque.toReversed(),
    evidence: facts.evidence.toReversed()
  }
  t.same(encodeStatement(buildStatement(shuffled)), encodeStatement(statement))
  const nameless = buildStatement({
    ...facts,
    object: { group: '', kind: 'Pod', namespace: '', generateName: 'p-' }
  })
  t.equal(nameless.subject[0].name, 'Pod/p-*')
  t.same(decodeStatement(encodeStatement(nameless)).facts, nameless.predicate)
  const registry = { spec: { sha256: '6'.repeat(64) }, uris: ['spec.artifactPath'] }
  const entry = decodeStatement(encodeStatement(buildStatement({ ...facts, registry })))
  t.same(entry.facts.registry, registry)
  t.end()
})

/** Signed by release 0.1 before v1alpha2. */
const oldStatement = `{"_type":"https://in-toto.io/Statement/v1","predicate":{"evidence":[],"images":["a"],"models":[],"object":{"group":"batch","kind":"Job","name":"train","namespace":"ml"},"opaque":[],"source":{"commit":"${commit}","modelCommit":"${modelCommit}","path":"models/churn","targetRevision":"main"}},"predicateType":"https://mlgitops.io/attestation/render/v1alpha1","subject":[{"digest":{"gitCommit":"${commit}"},"name":"batch/Job/ml/train"}]}`

t.test('a statement of v1alpha1 is read, without the members that it does not have', t => {
  const read = (text: string) => decodeStatement(Buffer.from(text))
  const old = read(oldStatement)
  t.equal(old.version, 'v1alpha1')
  t.same(old.facts, {
    object: { group: 'batch', kind: 'Job', namespace: 'ml', name: 'train' },
    source: { commit, modelCommit, path: 'models/churn', targetRevision: 'main' },
    images: ['a'],
    models: [],
    pins: [],
    opaque: [],
    evidence: []
  })
  const rendered = '"models":[],"rendered":{"brotli":"aaaa"}'
  t.same(read(oldStatement.replace('"models":[]', rendered)), old, 'nor does a rendered object')
  const pin = `{"tag":"bbbbbbb","commit":"${modelCommit}","isAncestor":true,"sameSources":true}`
  const registry = `{"spec":{"sha256":"${'6'.repeat(64)}"},"uris":[]}`
  const more = `"models":[],"pins":[${pin}],"registry":${registry}`
  t.same(read(oldStatement.replace('"models":[]', more)), old, 'pins prove nothing in v1alpha1')
  const lacking = 'the payload is not a render statement:\n  '
  t.equal(
    faultText(() => read(oldStatement.replace(`"modelCommit":"${modelCommit}",`, ''))),
    `${lacking}predicate.source.modelCommit: expected a full Git commit (40 or 64 lowercase hexadecimal digits), found nothing [ATTESTATION_INVALID]`
  )
  t.equal(
    faultText(() => read(oldStatement.replace('render/v1alpha1', 'render/v1alpha2'))),
    `${lacking}predicate.pins: expected a list of pins, found nothing\n  predicate.rendered: expected an object with brotli, found nothing\n  predicate.source.modelDigest: expected a digest (sha256: and 64 lowercase hexadecimal digits), found nothing [ATTESTATION_INVALID]`
  )
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
      'attestation/render/v1alpha2',
      'attestation/build/v1',
      'predicateType: expected "https://mlgitops.io/attestation/render/v1alpha2" or "https://mlgitops.io/attestation/render/v1alpha1", found a string'
    ],
    [
      '"brotli":"gwSAeyJzcGVjIjoxfQM="',
      '"brotli":"$"',
      'predicate.rendered.brotli: expected standard base64, found a string'
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
  const byCommit = text.replace(/"artifacts":\[.*?\],"attributes"/, '"attributes"')
  const audited = (members: string) =>
    faultText(() =>
      decodeStatement(
        Buffer.from(byCommit.replace(`"modelCommit":"${modelCommit}"},"env`, `${members}},"env`))
      )
    )
  t.equal(audited(`"modelDigest":"${digest}"`), 'no fault', 'an audit of a digest only')
  t.equal(audited('"artifacts":[{"uri":"s3://m"}]'), 'no fault', 'an audit of an artifact only')
  t.equal(
    audited('"later":1'),
    `${refusal}predicate.biasAudit: expected at least one of "modelCommit", "modelDigest", "artifacts"${end}`
  )
  t.equal(
    audited('"artifacts":[{"digest":"x"}]'),
    `${refusal}predicate.biasAudit.artifacts[0].uri: expected a non-empty string, found nothing\n  predicate.biasAudit.artifacts[0].digest: expected a digest (sha256: and 64 lowercase hexadecimal digits), found a string${end}`
  )
  const expected = 'expected a digest (sha256: and 64 lowercase hexadecimal digits)'
  t.equal(
    audited(`"modelDigest":"${digest.toUpperCase()}"`),
    `${refusal}predicate.biasAudit.modelDigest: ${expected}, found a string${end}`
  )
  const stated = (value: string) =>
    changed(`"modelDigest":"${modelDigest}","path"`, `"modelDigest":${value},"path"`)
  t.equal(stated(`"${digest}"`), 'no fault')
  t.equal(changed(`"modelCommit":"${modelCommit}","modelD`, '"modelD'), 'no fault', 'not known')
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
