import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import type { RenderFacts } from '../../../evidence/attestation/statement.ts'
import type { BiasAuditSummary } from '../../../evidence/bias-audit/summary.ts'
import { identify } from '../../../evidence/identity.ts'
import { inspectWorkload } from '../../../evidence/workload/inspect.ts'
import { digestOpaque } from '../../../evidence/workload/opaque-digest.ts'
import { digestSpec } from '../../../evidence/workload/spec-digest.ts'
import {
  annotated,
  attested,
  commit,
  facts,
  fairAudit,
  job,
  modelCommit,
  modelDigest
} from '../attested.ts'
import { at, judge } from '../judged.ts'

type Cover = Pick<BiasAuditSummary, 'modelCommit' | 'modelDigest' | 'artifacts'>

/** The object, rendered and signed with an audit that covers this much. */
function signed(object: JsonObject, cover: Cover, more: Partial<RenderFacts> = {}): JsonObject {
  const { modelCommit: named, ...audit } = fairAudit
  t.equal(named, modelCommit)
  const { group, kind, namespace, name } = identify(object)
  const { images = [], models = [], opaque = [] } = inspectWorkload(object) ?? {}
  return attested(object, {
    ...facts,
    object: { group, kind, namespace, name },
    images: images.map(({ value }) => value),
    models: models.map(({ value }) => value),
    opaque: opaque.map(each => ({ field: each.field, digest: { sha256: digestOpaque(each) } })),
    biasAudit: { ...audit, ...cover },
    ...more
  })
}

const served = (apiVersion: string, kind: string, spec: JsonObject): JsonObject => ({
  apiVersion,
  kind,
  metadata: { ...job.metadata, name: 'churn' },
  spec
})
const service = (storageUri: string, model: JsonObject = {}) =>
  served('serving.kserve.io/v1beta1', 'InferenceService', {
    predictor: { model: { modelFormat: { name: 'sklearn' }, storageUri, ...model } }
  })
const deployment = (...images: readonly string[]) =>
  served('apps/v1', 'Deployment', {
    template: { spec: { containers: images.map((image, index) => ({ name: `c${index}`, image })) } }
  })
const refused = (object: JsonObject, options: JsonObject = {}) =>
  judge({ biasAudit: options }, object)

const uriField = 'spec.predictor.model.storageUri'
const imageField = (index: number) => `spec.template.spec.containers[${index}].image`
const audit = (what: string) =>
  `fix: deploy what was audited, or audit this ${what}: mlgitops audit --path models/churn names it in the audit's artifacts`
const supporting = '; supportingImages of the policy excepts sidecars'

t.test('What serves needs an audit of its model URI', t => {
  const artifacts = [
    { uri: 's3://m/fraud/1.5.0' },
    { uri: 's3://m/fraud/1.4.0', digest: modelDigest }
  ]
  t.same(refused(signed(service('s3://m/fraud/1.5.0/'), { artifacts })), [])
  t.same(refused(signed(service('s3://m/fraud/6.6.6'), { artifacts })), [
    `${uriField}: the bias audit does not cover this model; found s3://m/fraud/6.6.6; allowed: s3://m/fraud/1.5.0 and s3://m/fraud/1.4.0 with ${modelDigest} (churn 1.10); ${audit('model')}`
  ])
  const many = Array.from({ length: 7 }, (_, index) => ({ uri: `s3://m/${index}` }))
  t.match(refused(signed(service('s3://m/9'), { artifacts: many })), [
    /; allowed: s3:\/\/m\/0 and .* and s3:\/\/m\/4 and 2 more artifacts \(churn 1\.10\); fix: /
  ])
  t.same(refused(signed(service(`s3://m/${modelCommit}/m.pkl`), { modelCommit })), [])
  t.same(refused(signed(service(`s3://m/${modelDigest.slice(7, 19)}`), { modelDigest })), [])
  t.same(refused(signed(service(`s3://m/${commit}`), { modelDigest })), [], 'the same content')
  t.same(refused(signed(service('s3://m/fraud/1.5.0'), { modelCommit, modelDigest })), [
    `${uriField}: the bias audit does not cover this model; found s3://m/fraud/1.5.0; allowed: ${modelCommit} and ${modelDigest} (churn 1.10); ${audit('model')}`
  ])
  t.same(refused(signed(service(`s3://m/${modelCommit}`), { modelCommit: commit })), [
    `${uriField}: the bias audit does not cover the model's commit, which this URI names; found s3://m/${modelCommit}; allowed: ${commit} (churn 1.10); fix: audit the model at this commit; a copy of it in another folder needs an audit that names its digest (mlgitops audit --path models/churn)`
  ])
  t.end()
})

t.test('An older model is served under its own audit while its sources move on', t => {
  const audited = 'f'.repeat(40)
  const old = signed(service(`s3://m/${audited}/m`), { modelCommit: audited })
  t.same(refused(old), [])
  t.same(refused(old, { covers: ['artifacts'] }), [])
  const sources = [
    `${at}: the bias audit does not cover the model's commit; found ${audited} (churn 1.10); allowed: ${modelCommit}; fix: audit the model at this commit; a copy of it in another folder needs an audit that names its digest (mlgitops audit --path models/churn)`
  ]
  t.same(refused(old, { covers: ['sources'] }), sources)
  t.same(refused(old, { covers: ['artifacts', 'sources'] }), sources)
  const evil = signed(service('s3://m/6.6.6'), { modelCommit })
  t.same(refused(evil, { covers: ['sources'] }), [], 'the policy asks for the sources only')
  t.equal(refused(evil, { covers: ['artifacts', 'sources'] }).length, 1)
  t.end()
})

t.test('What serves without a model URI needs an audit of each of its images', t => {
  const server = `registry.example.com/ml/churn:${modelCommit}`
  const [evil, envoy] = ['registry.example.com/ml/churn:6.6.6', 'envoyproxy/envoy:v1.30']
  t.same(refused(signed(deployment(server), { modelCommit })), [])
  const uncovered = (index: number, image: string) =>
    `${imageField(index)}: the bias audit does not cover this image; found ${image}; allowed: ${modelCommit} (churn 1.10); ${audit('image')}${supporting}`
  t.same(refused(signed(deployment(evil), { modelCommit })), [uncovered(0, evil)])
  t.same(refused(signed(deployment(server, evil), { modelCommit })), [uncovered(1, evil)])
  t.same(refused(signed(deployment(evil, server), { modelCommit })), [uncovered(0, evil)])
  const sidecar = signed(deployment(server, envoy), { modelCommit })
  t.same(refused(sidecar), [uncovered(1, envoy)])
  t.same(refused(sidecar, { supportingImages: ['docker.io/envoyproxy'] }), [])
  t.same(refused(sidecar, { supportingImages: ['docker.io/envoy'] }).length, 1)
  const named = { modelCommit, artifacts: [{ uri: envoy }] }
  t.same(refused(signed(deployment(server, envoy), named)), [])
  const pins = [
    { tag: 'a'.repeat(40), commit: 'a'.repeat(40), isAncestor: true, sameSources: true }
  ]
  const built = deployment(`registry.example.com/ml/churn:${'a'.repeat(40)}`)
  t.same(refused(signed(built, { modelCommit }, { pins })), [], 'CI built it from an ancestor')
  t.match(refused(signed(built, { modelCommit: commit }, { pins })), [
    /^spec\.template.*image: the bias audit does not cover the model's commit, which this image is tagged with; found/
  ])
  t.equal(refused(signed(built, { modelCommit })).length, 1)
  t.end()
})

t.test('The server of a model at a URI is not judged, unless its versions are audited', t => {
  const [uri, server] = ['s3://m/1', 'nvcr.io/nvidia/tritonserver:24.05']
  const artifacts = [{ uri }]
  const object = service(uri, { image: server })
  t.same(refused(signed(object, { artifacts })), [])
  const both = [...artifacts, { uri: 'nvcr.io/nvidia/tritonserver:24.04' }]
  t.match(refused(signed(object, { artifacts: both })), [
    /^spec\.predictor\.model\.image: the bias audit does not cover this image; found nvcr\.io/
  ])
  t.match(refused(signed(service('s3://m/2', { image: server }), { artifacts })), [
    /^spec\.predictor\.model\.storageUri: /
  ])
  t.end()
})

t.test('A field that can hide a model is not covered', t => {
  const graph = served('serving.kserve.io/v1alpha1', 'InferenceGraph', {
    nodes: { root: { steps: [{ serviceUrl: 'http://elsewhere' }] } }
  })
  t.same(refused(signed(graph, { modelCommit })), [
    'spec.nodes[root].steps[0].serviceUrl: the field can hide a model that the bias audit does not cover: it sends requests to a URL, and cannot be searched; fix: write it as fields of the object, or ask for a PolicyException'
  ])
  t.same(refused(signed(graph, { modelCommit }), { covers: ['sources'] }), [])
  t.end()
})

t.test(
  'What trains needs an audit of its sources, unless the policy asks for artifacts only',
  t => {
    const digest = { modelDigest: `sha256:${'0'.repeat(64)}` }
    const trainer = 'registry.example.com/ml/trainer:1'
    const training = { ...job, spec: { template: { spec: { containers: [{ image: trainer }] } } } }
    for (const covers of [undefined, ['sources'], ['artifacts', 'sources']]) {
      const options: JsonObject = covers === undefined ? {} : { covers }
      t.same(refused(signed(training, { modelDigest }), options), [])
      t.same(refused(signed(training, { modelCommit }), options), [])
      t.equal(refused(signed(training, digest), options).length, 1)
      t.same(refused(signed(training, { artifacts: [{ uri: trainer }] }), options), [
        `${at}: the bias audit does not cover the model's sources; found ${trainer} (churn 1.10); allowed: ${modelCommit} or ${modelDigest}; fix: audit the model with mlgitops audit --path models/churn, which names the digest of its sources`
      ])
    }
    const artifacts = { covers: ['artifacts'] }
    t.same(refused(signed(training, { artifacts: [{ uri: trainer }] }), artifacts), [])
    t.equal(refused(signed(training, { modelDigest }), artifacts).length, 1)
    t.end()
  }
)

t.test('A registry entry needs an audit of the models that it names', t => {
  const entry = served('mlgitops.io/v1alpha1', 'RegisteredModel', { artifactPath: 's3://m/1' })
  const registry = { spec: { sha256: digestSpec(entry) }, uris: ['spec.artifactPath'] }
  t.same(refused(signed(entry, { artifacts: [{ uri: 's3://m/1' }] }, { registry })), [])
  t.match(refused(signed(entry, { artifacts: [{ uri: 's3://m/2' }] }, { registry })), [
    /^spec\.artifactPath: the bias audit does not cover this model; found s3:\/\/m\/1; allowed: s3:\/\/m\/2/
  ])
  t.end()
})

t.test('A copy of a model in another folder is covered by its digest, not by its commit', t => {
  const copied = { ...facts.source, path: 'manifests/production', model: 'production' }
  const source = { ...copied, modelCommit: 'f'.repeat(40) }
  const copy = (cover: Cover) =>
    annotated(signed(service(`s3://m/${modelDigest.slice(7)}`), cover, { source }), {
      [annotations.modelCommit]: source.modelCommit
    })
  t.same(refused(copy({ modelDigest })), [])
  t.same(refused(copy({ modelDigest, modelCommit })), [])
  t.same(refused(copy({ modelCommit })), [
    `${at}: the bias audit covers another model; found churn 1.10; allowed: production; fix: audit this model, or set model.name in mlgitops.yaml to its name; an audit that names the digest of the model (mlgitops audit --path manifests/production) covers copies with other names`,
    `${uriField}: the bias audit does not cover the model's commit, which this URI names; found s3://m/${modelDigest.slice(7)}; allowed: ${modelCommit} (churn 1.10); fix: audit the model at this commit; a copy of it in another folder needs an audit that names its digest (mlgitops audit --path manifests/production)`
  ])
  t.end()
})

t.test('Where the model commit is not known, the fix of an audit by commit is more history', t => {
  const { modelCommit: known, ...source } = facts.source
  t.equal(known, modelCommit)
  const cover = { modelCommit, artifacts: [{ uri: 's3://m/1' }] }
  const shallow = (object: JsonObject) =>
    annotated(signed(object, cover, { source }), { [annotations.modelCommit]: undefined })
  t.same(refused(shallow(service('s3://m/1'))), [])
  t.same(refused(shallow(job)), [
    `${at}: the bias audit does not cover the model's commit; found s3://m/1 and ${modelCommit} (churn 1.10); allowed: none, because the history is too short to know the commit; fix: fetch the whole history (in CI: fetch-depth: 0), or name the digest that mlgitops digest models/churn prints (with --flux for Flux) in the audit`
  ])
  t.end()
})
