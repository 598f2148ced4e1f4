import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { Fault, describeFault } from '../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import {
  inTotoPayloadType,
  parseEnvelope,
  preAuthenticationEncoding,
  signEnvelope,
  verifyEnvelope
} from '../../evidence/attestation/dsse.ts'
import { generateKeyPair, readSigningKey, readTrustedKey } from '../../evidence/attestation/key.ts'
import {
  buildStatement,
  decodeStatement,
  encodeStatement
} from '../../evidence/attestation/statement.ts'
import { fairnessMetrics, impactRatios } from '../../evidence/bias-audit/metrics.ts'
import { parseBiasAudit } from '../../evidence/bias-audit/parse.ts'
import { coversCommit, summariseBiasAudit } from '../../evidence/bias-audit/summary.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'

const told = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof Fault) return describeFault(error)
    throw error
  }
  return 'no fault'
}
const counts = (tp: number, fp: number, fn: number, tn: number) => ({
  n: tp + fp + fn + tn,
  selected: tp + fp,
  tp,
  fp,
  fn,
  tn
})
const rounded = (values: object) =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'number' ? Number(value.toFixed(6)) : (value as null)
    ])
  )

t.test("fairness metrics are Fairlearn's", t => {
  t.same(
    rounded(
      fairnessMetrics([counts(45, 15, 10, 30), counts(24, 16, 16, 44), counts(8, 2, 12, 28)])
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
  t.same(
    impactRatios([counts(45, 15, 10, 30), counts(24, 16, 16, 44), counts(8, 2, 12, 28)]).map(x =>
      Number(x?.toFixed(3))
    ),
    [1, 0.667, 0.333]
  )
  const guide = fairnessMetrics([counts(1, 2, 1, 0), counts(3, 0, 2, 1), counts(2, 2, 3, 1)])
  t.same(rounded(guide), {
    demographic_parity_difference: 0.25,
    demographic_parity_ratio: 0.666667,
    equalized_odds_difference: 1,
    equalized_odds_ratio: 0,
    equal_opportunity_difference: 0.2,
    equal_opportunity_ratio: 0.666667,
    predictive_parity_difference: 0.666667,
    predictive_parity_ratio: 0.333333
  })
  const edge = fairnessMetrics([counts(1, 1, 1, 1), counts(0, 1, 0, 2)])
  t.equal(
    edge.equalized_odds_difference,
    0.5,
    'a group without positives has a true positive rate of 0'
  )
  const nobody = fairnessMetrics([counts(0, 0, 1, 1), counts(0, 0, 1, 1)])
  t.equal(nobody.demographic_parity_ratio, null)
  t.equal(nobody.demographic_parity_difference, 0)
  t.same(impactRatios([counts(0, 0, 1, 1)]), [null])
  t.end()
})

const commit = 'a'.repeat(40)
const audit = `---
apiVersion: mlgitops.io/v1alpha1
kind: BiasAudit
model: { name: churn, version: "1.10" }
modelCommit: ${commit}
date: "2026-11-02"
auditor: { name: Lab, independent: true }
dataset: { name: holdout, rows: 300, kind: test, digest: "sha256:${'0'.repeat(64)}" }
attributes:
  - name: group
    groups:
      - { name: a, n: 100, selected: 60, tp: 45, fp: 15, fn: 10, tn: 30, impact_ratio: 1 }
      - { name: b, n: 20, selected: 8, tp: 5, fp: 3, fn: 3, tn: 9 }
    metrics: { demographic_parity_difference: 0.2, demographic_parity_ratio: 0.66666667, equalized_odds_difference: 0.19318182, equalized_odds_ratio: 0.75 }
---
Prose: anything at all.
`

t.test('a bias audit is read, checked against itself and summarised', t => {
  const summary = summariseBiasAudit(parseBiasAudit(audit, 'bias_audit.md'))
  t.same(summary, {
    model: { name: 'churn', version: '1.10' },
    modelCommit: commit,
    date: '2026-11-02',
    auditor: { name: 'Lab', independent: true },
    dataset: { name: 'holdout', digest: `sha256:${'0'.repeat(64)}` },
    attributes: [
      {
        name: 'group',
        groups: 2,
        smallestGroup: 20,
        smallGroups: ['b'],
        metrics: {
          demographic_parity_difference: 0.2,
          demographic_parity_ratio: 0.66666667,
          equalized_odds_difference: 0.19318182,
          equalized_odds_ratio: 0.75
        }
      }
    ]
  })
  t.equal(coversCommit(summary, commit), true)
  t.equal(coversCommit(summary, 'b'.repeat(40)), false)
  const yaml = audit.split('---\n')[1] ?? ''
  t.same(summariseBiasAudit(parseBiasAudit(yaml, 'bias_audit.yaml')), summary)
  t.end()
})

t.test('an audit that does not add up is refused, figure by figure', t => {
  const cases: readonly [string, string, RegExp][] = [
    [
      'selected: 60',
      'selected: 61',
      /attributes\[0\]\.groups\[0\]\.selected is 61, tp \+ fp is 60/
    ],
    ['n: 100', 'n: 101', /groups\[0\]\.n is 101, its counts add up to 100/],
    [
      '_difference: 0.2,',
      '_difference: 0.1,',
      /metrics\.demographic_parity_difference is 0\.1, the counts give 0\.19999/
    ],
    ['impact_ratio: 1', 'impact_ratio: null', /impact_ratio is null, the counts give 1/],
    ['kind: test', 'kind: guess', /dataset\.kind must be equal to one of the allowed values/],
    ['version: "1.10"', 'version: 1.10', /model\.version must be string/],
    ['kind: BiasAudit', 'kind: BiasAudit\nextra: 1', /the audit has the unknown key "extra"/],
    ['---\nProse', 'Prose', /has no front matter/],
    [`modelCommit: ${commit}`, 'modelCommit: abc1234', /modelCommit must match pattern/]
  ]
  for (const [from, to, message] of cases)
    t.match(
      told(() => parseBiasAudit(audit.replace(from, to), 'bias_audit.md')),
      message,
      to
    )
  t.end()
})

const pair = generateKeyPair()
const key = readSigningKey(pair.privatePem, '--key')
const trusted = readTrustedKey(pair.publicPem, '--keys')
const facts = {
  object: { group: 'batch', kind: 'Job', namespace: 'ml', name: 'train' },
  source: {
    repository: 'https://host/x',
    commit,
    modelCommit: commit,
    path: '.',
    targetRevision: 'main'
  },
  images: ['b', 'a', 'b'],
  models: [],
  opaque: [],
  evidence: []
}

t.test('attestations are DSSE envelopes that only a trusted key makes', t => {
  t.equal(
    preAuthenticationEncoding(
      'http://example.com/HelloWorld',
      Buffer.from('hello world')
    ).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    'the vector of the specification'
  )
  t.equal(key.id, trusted.id)
  t.match(key.id, /^[0-9a-f]{64}$/)
  const payload = encodeStatement(buildStatement(facts))
  const envelope = signEnvelope(payload, inTotoPayloadType, key)
  t.same(signEnvelope(payload, inTotoPayloadType, key), envelope, 'same bytes each time')
  const other = readTrustedKey(generateKeyPair().publicPem, 'x')
  t.equal(
    verifyEnvelope(parseEnvelope(JSON.stringify(envelope)), inTotoPayloadType, [other, trusted])
      .kind,
    'verified'
  )
  t.same(verifyEnvelope(envelope, inTotoPayloadType, [other]), {
    kind: 'refused',
    reason: 'no trusted key signed it'
  })
  t.same(verifyEnvelope(envelope, 'text/plain', [trusted]), {
    kind: 'refused',
    reason: 'the payload is of another type'
  })
  t.same(verifyEnvelope({ ...envelope, payload: '%' }, inTotoPayloadType, [trusted]), {
    kind: 'refused',
    reason: 'the payload is no base64'
  })
  t.equal(
    verifyEnvelope({ ...envelope, signatures: [{ keyid: key.id, sig: '%' }] }, inTotoPayloadType, [
      trusted
    ]).kind,
    'refused'
  )
  fc.assert(
    fc.property(fc.nat(payload.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const forged = Buffer.from(payload)
      forged[at] = (forged[at] ?? 0) ^ change
      return (
        verifyEnvelope({ ...envelope, payload: forged.toString('base64') }, inTotoPayloadType, [
          trusted
        ]).kind === 'refused'
      )
    }),
    { seed: 3, numRuns: 100 }
  )
  t.end()
})

t.test('a statement is sorted, stable and read back', t => {
  const statement = buildStatement(facts)
  t.equal(
    encodeStatement(statement).toString(),
    `{"_type":"https://in-toto.io/Statement/v1","predicate":{"evidence":[],"images":["a","b"],"models":[],"object":{"group":"batch","kind":"Job","name":"train","namespace":"ml"},"opaque":[],"source":{"commit":"${commit}","modelCommit":"${commit}","path":".","repository":"https://host/x","targetRevision":"main"}},"predicateType":"https://mlgitops.io/attestation/render/v1alpha1","subject":[{"digest":{"gitCommit":"${commit}"},"name":"batch/Job/ml/train"}]}`
  )
  t.same(decodeStatement(encodeStatement(statement)), statement)
  t.equal(
    buildStatement({
      ...facts,
      object: { group: '', kind: 'Pod', namespace: '', generateName: 'p-' }
    }).subject[0].name,
    'Pod/p-*'
  )
  for (const text of ['{', '{}', 'null'])
    t.throws(() => decodeStatement(Buffer.from(text)), { code: 'ATTESTATION_INVALID' })
  for (const text of [
    '{',
    '[]',
    'null',
    '{"payload":"","payloadType":"","signatures":[]}',
    '{"payload":"","payloadType":"","signatures":[1]}',
    'x'.repeat(300_000)
  ])
    t.throws(() => parseEnvelope(text), { code: 'ATTESTATION_INVALID' })
  t.end()
})

t.test('keys of another kind and garbage are refused without showing them', t => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString()
  t.equal(
    told(() => readSigningKey(rsa, '--key')),
    '--key: the key is of another kind [KEY_UNSUPPORTED]\n  found:    rsa\n  expected: Ed25519'
  )
  t.equal(
    told(() => readTrustedKey('secret', '--keys')),
    '--keys: the key cannot be read [KEY_INVALID]\n  expected: an SPKI public key in PEM, from mlgitops keygen'
  )
  t.end()
})

const pod = {
  containers: [{ image: 'a' }],
  initContainers: [{ image: 'b' }],
  ephemeralContainers: [{ image: 'c' }],
  volumes: [{ image: { reference: 'd' } }]
}

t.test('the workload table finds what a kind runs', t => {
  const images = (apiVersion: string, kind: string, spec: JsonObject) =>
    inspectWorkload({ apiVersion, kind, spec })?.images.map(
      ({ field, image }) => `${field}=${image}`
    )
  t.same(images('v1', 'Pod', pod), [
    'spec.containers[0].image=a',
    'spec.initContainers[0].image=b',
    'spec.ephemeralContainers[0].image=c',
    'spec.volumes[0].image.reference=d'
  ])
  t.same(
    images('batch/v1', 'CronJob', {
      jobTemplate: { spec: { template: { spec: { containers: [{ image: 'a' }] } } } }
    }),
    ['spec.jobTemplate.spec.template.spec.containers[0].image=a']
  )
  t.same(
    images('kubeflow.org/v1', 'TFJob', {
      tfReplicaSpecs: { Worker: { template: { spec: { containers: [{ image: 'a' }] } } } }
    }),
    ['spec.tfReplicaSpecs[Worker].template.spec.containers[0].image=a']
  )
  t.same(
    images('tekton.dev/v1', 'PipelineRun', {
      pipelineSpec: {
        tasks: [{ taskSpec: { steps: [{ image: 'a' }], sidecars: [{ image: 'b' }] } }],
        finally: [{ taskSpec: { stepTemplate: { image: 'c' } } }]
      }
    }),
    [
      'spec.pipelineSpec.tasks[0].taskSpec.steps[0].image=a',
      'spec.pipelineSpec.tasks[0].taskSpec.sidecars[0].image=b',
      'spec.pipelineSpec.finally[0].taskSpec.stepTemplate.image=c'
    ]
  )
  t.same(
    images('argoproj.io/v1alpha1', 'Workflow', {
      templates: [{ container: { image: 'a' }, sidecars: [{ image: 'b' }] }]
    }),
    ['spec.templates[0].container.image=a', 'spec.templates[0].sidecars[0].image=b']
  )
  t.same(
    inspectWorkload({
      apiVersion: 'serving.kserve.io/v1beta1',
      kind: 'InferenceService',
      spec: {
        predictor: { model: { storageUri: 's3://m', image: 'a' } },
        canary: [{ predictor: { sklearn: { storageUri: 'gs://n' } } }]
      }
    }),
    {
      role: 'serve',
      scope: 'namespaced',
      images: [{ field: 'spec.predictor.model.image', image: 'a' }],
      models: [
        { field: 'spec.predictor.model.storageUri', uri: 's3://m' },
        { field: 'spec.canary[0].predictor.sklearn.storageUri', uri: 'gs://n' }
      ],
      opaque: []
    }
  )
  t.same(
    inspectWorkload({
      apiVersion: 'machinelearning.seldon.io/v1',
      kind: 'SeldonDeployment',
      spec: {
        predictors: [
          { graph: { modelUri: 'a', children: [{ modelUri: 'b', children: [{ modelUri: 'c' }] }] } }
        ]
      }
    })?.models.map(({ uri }) => uri),
    ['a', 'b', 'c']
  )
  t.same(
    inspectWorkload({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Workflow',
      spec: {
        podSpecPatch: 'x',
        templates: [{ container: { image: '{{inputs.parameters.i}}' } }, { script: { image: 7 } }]
      }
    })?.opaque,
    [
      {
        field: 'spec.podSpecPatch',
        reason: 'can name an image or a model that this object does not show'
      },
      { field: 'spec.templates[0].container.image', reason: 'an image that is filled in later' },
      { field: 'spec.templates[1].script.image', reason: 'is a number, not an image' }
    ]
  )
  t.equal(inspectWorkload({ apiVersion: 'v1', kind: 'ConfigMap' }), undefined)
  const anything = fc.json().map(text => JSON.parse(text) as JsonValue)
  fc.assert(
    fc.property(
      fc.constantFrom('Deployment', 'TFJob', 'Workflow', 'SeldonDeployment'),
      anything,
      (kind, spec) => {
        for (const group of [
          'apps/v1',
          'kubeflow.org/v1',
          'argoproj.io/v1alpha1',
          'machinelearning.seldon.io/v1'
        ])
          inspectWorkload({ apiVersion: group, kind, spec })
      }
    ),
    { seed: 5, numRuns: 200 }
  )
  t.end()
})
