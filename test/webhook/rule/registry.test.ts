import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import type { RenderFacts } from '../../../evidence/attestation/statement.ts'
import { digestSpec } from '../../../evidence/workload/spec-digest.ts'
import { attested, facts, job } from '../attested.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { describeFinding } from '../../../webhook/decision.ts'
import { subjectOfManifest } from '../../../webhook/subject/subject.ts'
import { context, evaluate, fix, judge, policy } from '../judged.ts'

const provenance = { provenance: {} }
const spec = { artifactPath: 's3://models/churn/1.10', metrics: { precision: 0.93 } }
const uris = ['spec.artifactPath']

/** An entry of a registry with a signed statement about its spec. */
function entry(
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  more: Partial<RenderFacts> = {}
): JsonObject {
  const object = { apiVersion, kind, metadata: { ...job.metadata, name: 'churn' }, spec }
  const [group = ''] = apiVersion.split('/')
  return attested(object, {
    ...facts,
    object: { group, kind, namespace: 'ml', name: 'churn' },
    images: [],
    models: [spec.artifactPath],
    registry: { spec: { sha256: digestSpec(object) }, uris },
    ...more
  })
}

const ours = { apiVersion: 'mlgitops.io/v1alpha1', kind: 'RegisteredModel' }
const theirs = { apiVersion: 'ml.example.com/v1', kind: 'ModelVersion' }

t.test('The whole spec of a registry entry is attested', t => {
  for (const kind of [ours, theirs]) {
    const signed = entry(kind)
    t.same(judge(provenance, signed), [])
    const changes: readonly JsonObject[] = [
      { ...spec, artifactPath: 's3://models/churn/6.6.6' },
      { ...spec, metrics: { precision: 0.99 } },
      { ...spec, stage: 'production' },
      {}
    ]
    for (const changed of changes) {
      t.same(judge(provenance, { ...signed, spec: changed }), [
        `spec: the spec differs from what was attested; ${fix}`
      ])
    }
    const object = { group: kind.apiVersion.split('/')[0] ?? '', kind: kind.kind }
    const without = attested(
      { ...kind, metadata: { ...job.metadata, name: 'churn' }, spec },
      { ...facts, object: { ...object, namespace: 'ml', name: 'churn' } }
    )
    t.same(judge(provenance, without), [`spec: the spec was not attested; ${fix}`])
  }
  t.end()
})

t.test('An entry of a group of the workload table is attested as an entry, and searched', t => {
  const signed = entry({ apiVersion: 'kubeflow.org/v1', kind: 'ModelVersion' })
  t.same(judge(provenance, signed), [])
  t.same(judge(provenance, { ...signed, spec: { ...spec, stage: 'production' } }), [
    `spec: the spec differs from what was attested; ${fix}`
  ])
  t.same(judge(provenance, { ...signed, spec: { ...spec, image: 'evil/x' } }), [
    `spec.image: this image was not attested; found evil/x; allowed: none; ${fix}`,
    `spec: the spec differs from what was attested; ${fix}`
  ])
  t.end()
})

const artifacts = { artifacts: { locations: ['s3://models'] } }

t.test('Rule artifacts judges the fields that the attestation of a registry entry names', t => {
  t.same(judge(artifacts, entry(theirs)), [])
  const elsewhere = { artifacts: { locations: ['s3://other'] } }
  for (const kind of [ours, theirs]) {
    t.same(judge(elsewhere, entry(kind)), [
      'spec.artifactPath: the model comes from a location that is not allowed; found s3://models/churn/1.10; allowed: s3://other; fix: publish the model to an allowed location'
    ])
  }
  const object = {
    ...theirs,
    metadata: { ...job.metadata, name: 'churn' },
    spec: { versions: [{ model_uri: 's3://models/1' }, { model_uri: 's3://x' }, { model_uri: 7 }] }
  }
  const list = attested(object, {
    ...facts,
    object: { group: 'ml.example.com', kind: 'ModelVersion', namespace: 'ml', name: 'churn' },
    registry: { spec: { sha256: digestSpec(object) }, uris: ['spec.versions[].model_uri'] }
  })
  t.match(judge(artifacts, list), [
    /^spec\.versions\[1\]\.model_uri: the model comes from a location that is not allowed; found s3:\/\/x;/,
    /^spec\.versions\[2\]\.model_uri: the field can hide a model: it holds a number where a string is expected/
  ])
  t.end()
})

/** The violations of a policy that names the kinds, each as `actions field: text`. */
function named(rule: JsonObject, object: JsonObject, ...kinds: readonly string[]) {
  const matchConstraints = { kinds: [{ apiGroups: ['*'], kinds }] }
  const value = policy(rule, { matchConstraints })
  const decision = evaluate(
    subjectOfManifest(object),
    buildPolicySet([{ value, where: 'p' }], []),
    context
  )
  return decision.violations.map(
    violation => `${violation.actions.join()} ${violation.field}: ${describeFinding(violation)}`
  )
}

t.test('A policy that names a kind says when its rule finds no field to judge', t => {
  const images = { images: { registries: ['ghcr.io'] } }
  const resources = { resources: { limits: ['memory'] } }
  const { metadata, ...unsigned } = entry(theirs)
  const bare = { ...unsigned, metadata: { name: 'churn', namespace: 'ml' } }
  t.ok(metadata)
  const nothing = (type: string) =>
    `the policy names this kind, and rule ${type} finds no field to judge in it`
  const sign =
    'fix: name the kind and the fields of its model URIs under kinds in mlgitops.yaml, and sign it; or remove the kind from the policy'
  const remove =
    'fix: remove the kind from the policy: docs/workloads.md lists the kinds that run containers and load models'
  const unknown = (type: string, fix: string) => [`Deny ModelVersion: ${nothing(type)}; ${fix}`]
  t.same(named(artifacts, bare, 'ModelVersion'), unknown('artifacts', sign))
  t.same(named(images, bare, 'ModelVersion'), unknown('images', remove))
  t.same(named(resources, bare, 'Pod', 'ModelVersion'), unknown('resources', remove))
  t.same(named(artifacts, bare, '*'), [], 'a pattern names nothing')
  t.same(named(artifacts, entry(theirs), 'ModelVersion'), [])
  const misspelt = entry(theirs, {
    registry: { spec: { sha256: digestSpec({ spec }) }, uris: ['spec.artifactPth'] }
  })
  t.same(named(artifacts, misspelt, 'ModelVersion'), unknown('artifacts', sign))
  const warned = (type: string, fix: string, kind: string) => [
    `Warn ${kind}: ${nothing(type)}; ${fix}`
  ]
  t.same(named(images, entry(ours), 'RegisteredModel'), warned('images', remove, 'RegisteredModel'))
  t.same(named(artifacts, job, 'Job'), warned('artifacts', remove, 'Job'))
  t.same(named(resources, { ...job, spec: {} }, 'Job'), [], 'a Job can hold containers')
  t.end()
})
