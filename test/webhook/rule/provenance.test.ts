import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import {
  generateKeyPair,
  readSigningKey,
  readTrustedKey
} from '../../../evidence/attestation/key.ts'
import type { Key } from '../../../evidence/attestation/key.ts'
import type { RenderFacts } from '../../../evidence/attestation/statement.ts'
import { digestOpaque } from '../../../evidence/workload/opaque-digest.ts'
import { digestSpec } from '../../../evidence/workload/spec-digest.ts'
import {
  annotated,
  attested,
  commit,
  facts,
  image,
  job,
  modelCommit,
  trustedKey
} from '../attested.ts'
import { at, fix, fixUnsigned, judge } from '../judged.ts'

const untrusted = 'fix: render with a trusted key, or add the public key of the signer to --keys'
const here =
  'fix: render with the destination namespace (--namespace ml), or write it into the manifest'

t.test('Rule provenance', t => {
  const rule = { provenance: {} }
  const refused = (object: JsonObject) => judge(rule, object)
  t.same(refused(attested()), [])
  t.same(refused(job), [`${at}: the object has no attestation; ${fixUnsigned}`])
  t.same(judge(rule, attested(), { trustedKeys: [] }), [
    `${at}: the attestation is not trusted: no trusted key signed it; allowed: none, because no key is trusted (--keys); fix: name the public key of the signer with --keys`
  ])
  const forger = readSigningKey(generateKeyPair().privatePem, 'forger')
  t.same(refused(attested(job, facts, forger)), [
    `${at}: the attestation is not trusted: no trusted key signed it; ${untrusted}`
  ])
  t.same(refused(annotated(job, { [annotations.attestation]: '{}' })), [
    `${at}: the attestation cannot be read: the envelope is not a DSSE envelope [ATTESTATION_INVALID]; ${fix}`
  ])
  t.end()
})

t.test('An expired key is not trusted, and the reason says so', t => {
  const rule = { provenance: {} }
  const pair = generateKeyPair()
  const next = {
    signs: readSigningKey(pair.privatePem, 'next'),
    trusted: readTrustedKey(pair.publicPem, 'next')
  }
  const now = new Date('2026-11-26T00:00:00Z')
  const until = (time: string) => ({ ...trustedKey, notAfter: new Date(time) })
  const judged = (trustedKeys: readonly Key[], object = attested()) =>
    judge(rule, object, { trustedKeys, now })
  const ended = `${at}: the attestation is not trusted: the key that signed it expired at 2026-11-26T00:00:00.000Z; fix: render again with a key that has not expired`
  t.same(judged([until('2026-11-26T00:00:01Z')]), [])
  t.same(judged([until('2026-11-26T00:00:00Z')]), [ended])
  t.same(judged([until('2026-11-26T00:00:00Z'), next.trusted]), [ended])
  // The same key is given twice: during a rotation it got another year.
  t.same(judged([until('2026-11-26T00:00:00Z'), until('2027-11-26T00:00:00Z')]), [])
  const signedByNext = attested(job, facts, next.signs)
  t.same(judged([until('2026-11-26T00:00:00Z'), next.trusted], signedByNext), [])
  t.same(judged([until('2026-11-26T00:00:00Z')], signedByNext), [
    `${at}: the attestation is not trusted: no trusted key signed it; ${untrusted}`
  ])
  t.end()
})

t.test('An attestation is valid only for the object that it was made for', t => {
  const rule = { provenance: {} }
  const spec = (container: JsonObject, pod: JsonObject = {}) => ({
    template: { spec: { containers: [container], ...pod } }
  })
  const said = (more: Partial<RenderFacts>) => attested(job, { ...facts, ...more })
  const other = (more: Partial<RenderFacts['object']>) =>
    said({ object: { ...facts.object, ...more } })
  const made = 'the attestation was made for another object; found'
  t.same(judge(rule, other({ name: 'other' })), [
    `${at}: ${made} batch/Job/ml/other; allowed: batch/Job/ml/train; ${fix}`
  ])
  t.same(judge(rule, other({ namespace: 'dev' })), [
    `${at}: ${made} batch/Job/dev/train; allowed: batch/Job/ml/train; ${here}`
  ])
  t.same(judge(rule, other({ namespace: '' })), [
    `${at}: ${made} batch/Job/train; allowed: batch/Job/ml/train; ${here}`
  ])
  t.same(judge(rule, other({ kind: 'CronJob' })), [
    `${at}: ${made} batch/CronJob/ml/train; allowed: batch/Job/ml/train; ${fix}`
  ])
  t.same(judge(rule, other({ group: 'apps' })), [
    `${at}: ${made} apps/Job/ml/train; allowed: batch/Job/ml/train; ${fix}`
  ])
  t.same(judge(rule, attested({ ...job, spec: spec({ name: 'x', image: 'evil:1' }) })), [
    `spec.template.spec.containers[0].image: this image was not attested; found evil:1; allowed: ${image}; ${fix}`
  ])
  const initial = { initContainers: [{ name: 'y', image: 'evil:1' }] }
  t.same(judge(rule, attested({ ...job, spec: spec({ name: 'x', image }, initial) })), [
    `spec.template.spec.initContainers[0].image: this image was not attested; found evil:1; allowed: ${image}; ${fix}`
  ])
  const two = attested(
    { ...job, spec: spec({ name: 'x', image: 'a' }) },
    { ...facts, images: ['c', 'b'] }
  )
  t.match(judge(rule, two), ['; found a; allowed: b, c; '])
  t.same(judge(rule, annotated(attested(), { [annotations.gitCommit]: modelCommit })), [
    `metadata.annotations[mlgitops.io/git-commit]: the annotation does not match the attested commit; found ${modelCommit}; allowed: ${commit}; ${fix}`
  ])
  t.same(judge(rule, annotated(attested(), { [annotations.modelCommit]: undefined })), [
    `metadata.annotations[mlgitops.io/model-commit]: the annotation does not match the attested commit; found nothing; allowed: ${modelCommit}; ${fix}`
  ])
  t.end()
})

t.test('A model or a text that was not attested is refused', t => {
  const service = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata: { ...job.metadata, name: 'churn' },
    spec: {
      predictor: { model: { modelFormat: { name: 'sklearn' }, storageUri: 's3://models-bucket/a' } }
    }
  }
  const object = {
    group: 'serving.kserve.io',
    kind: 'InferenceService',
    namespace: 'ml',
    name: 'churn'
  }
  const format = {
    field: 'spec.predictor.model.modelFormat',
    digest: { sha256: digestOpaque({ value: { name: 'sklearn' } }) }
  }
  const said = { ...facts, object, images: [], models: ['s3://models-bucket/a'], opaque: [format] }
  const rule = { provenance: {} }
  t.same(judge(rule, attested(service, said)), [])
  t.same(judge(rule, attested(service, { ...said, models: [] })), [
    `spec.predictor.model.storageUri: this model was not attested; found s3://models-bucket/a; allowed: none; ${fix}`
  ])
  const ray = {
    apiVersion: 'ray.io/v1',
    kind: 'RayService',
    metadata: { ...job.metadata, name: 'churn' },
    spec: { serveConfigV2: 'applications: []', rayClusterConfig: {} }
  }
  const saidOfRay = {
    ...said,
    object: { ...object, group: 'ray.io', kind: 'RayService' },
    models: []
  }
  const config = {
    field: 'spec.serveConfigV2',
    // printf '"applications: []"' | sha256sum
    digest: { sha256: '1f80e2bf0766c8c924edc2c3994b72a6916012f987669eda7af8406737503f94' }
  }
  t.same(judge(rule, attested(ray, { ...saidOfRay, opaque: [config] })), [])
  const other = {
    ...ray,
    spec: { ...ray.spec, serveConfigV2: 'applications: [{import_path: evil}]' }
  }
  t.same(judge(rule, attested(other, { ...saidOfRay, opaque: [config] })), [
    `spec.serveConfigV2: this field differs from what was attested, and it holds a runtime environment and code locations; ${fix}`
  ])
  t.same(judge(rule, attested(ray, saidOfRay)), [
    `spec.serveConfigV2: this field was not attested, and it holds a runtime environment and code locations; ${fix}`
  ])
  t.end()
})

t.test('A generated name is attested by its prefix, on an object that has that generateName', t => {
  const generated = {
    ...facts,
    object: { group: 'batch', kind: 'Job', namespace: 'ml', generateName: 'train-' }
  }
  const named = (metadata: JsonObject) =>
    attested({ ...job, metadata: { ...job.metadata, ...metadata } }, generated)
  const rule = { provenance: {} }
  t.same(judge(rule, named({ generateName: 'train-', name: 'train-x7k2p' })), [])
  t.same(judge(rule, named({ generateName: 'train-', name: 'other' })).length, 1)
  t.same(judge(rule, named({ name: 'train-x7k2p' })).length, 1)
  t.same(judge(rule, named({ generateName: 'train-', name: '' })), [], 'not in a cluster yet')
  t.same(judge(rule, named({ generateName: 'other-', name: '' })).length, 1)
  t.end()
})

t.test('A cluster-scoped object has no namespace, whatever namespace it was rendered for', t => {
  const image = 'registry.example.com/ml/server:1'
  const metadata = { ...job.metadata, namespace: '', name: 'server' }
  const spec = { containers: [{ name: 'x', image }] }
  const runtime = { apiVersion: 'serving.kserve.io/v1alpha1', kind: 'ClusterServingRuntime' }
  const object = { group: 'serving.kserve.io', kind: 'ClusterServingRuntime', namespace: 'ml' }
  const said = { ...facts, object: { ...object, name: 'server' }, images: [image] }
  t.same(judge({ provenance: {} }, attested({ ...runtime, metadata, spec }, said)), [])
  const entry = {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'RegisteredModel',
    metadata: job.metadata,
    spec: { artifactPath: 's3://models/churn' }
  }
  const saidOfEntry = {
    ...facts,
    registry: { spec: { sha256: digestSpec(entry) }, uris: ['spec.artifactPath'] },
    object: { ...facts.object, group: 'mlgitops.io', kind: entry.kind }
  }
  t.same(judge({ provenance: {} }, attested(entry, saidOfEntry)), [], 'runs nothing')
  t.end()
})

t.test('A key that cannot verify is a bug, and admits no object', t => {
  const broken = [{ id: 'x', key: {} as never, type: 'Ed25519' as const }]
  t.throws(() => judge({ provenance: {} }, attested(), { trustedKeys: broken }), TypeError)
  t.end()
})

t.test('Rule provenance judges where the commit comes from', t => {
  const refused = (provenance: JsonObject) => judge({ provenance }, attested())
  t.same(
    refused({
      repositories: ['https://git.example.com/acme/*'],
      revisions: ['release/*', 'main'],
      paths: ['models/**'],
      environments: ['production'],
      keyIds: [trustedKey.id]
    }),
    []
  )
  const from = (what: string) => `fix: deploy commit ${commit} from an allowed ${what}`
  t.same(refused({ repositories: ['https://git.example.com/*'] }), [
    `${at}: the repository is not allowed; found https://git.example.com/acme/models.git; allowed: https://git.example.com/*; ${from('repository')}`
  ])
  t.match(refused({ repositories: ['https://a/*', 'https://b/*'], keyIds: ['c', 'd'] }), [
    '; allowed: https://a/*, https://b/*; ',
    '; allowed: c, d; '
  ])
  const { environment, ...nowhere } = facts
  t.equal(environment, 'production')
  t.match(judge({ provenance: { environments: ['**'] } }, attested(job, nowhere)), [
    'the environment is not allowed; found nothing; allowed: **; '
  ])
  t.same(refused({ revisions: ['release/*'] }), [
    `${at}: the target revision is not allowed; found main; allowed: release/*; ${from('target revision')}`
  ])
  t.same(refused({ paths: ['models/*/x'] }), [
    `${at}: the application path is not allowed; found models/churn; allowed: models/*/x; ${from('application path')}`
  ])
  t.same(refused({ environments: ['staging'] }), [
    `${at}: the environment is not allowed; found production; allowed: staging; ${from('environment')}`
  ])
  t.same(refused({ keyIds: ['other'] }), [
    `${at}: the attestation is signed by a key that this policy does not allow; found ${trustedKey.id}; allowed: other; fix: sign with a key that the policy allows`
  ])
  t.end()
})
