import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { inTotoPayloadType, signEnvelope } from '../../evidence/attestation/dsse.ts'
import { buildStatement, encodeStatement } from '../../evidence/attestation/statement.ts'
import type { RenderFacts } from '../../evidence/attestation/statement.ts'
import { encodeRendered } from '../../evidence/binding/rendered-object.ts'
import { buildPolicySet } from '../../webhook/policy/policy-set.ts'
import { respond } from '../../webhook/review/respond.ts'
import { subjectOfManifest } from '../../webhook/subject/subject.ts'
import { annotated, attested, facts, job, modelDigest, signingKey } from './attested.ts'
import { at, context, evaluate, fix, judge, policy } from './judged.ts'

const jobFacts = { ...facts, rendered: encodeRendered(job) }

/** The Job, or another object, with a statement of another version. */
function signedAs(version: string, said: RenderFacts = jobFacts, object: JsonObject = job) {
  const text = encodeStatement(buildStatement(said)).toString()
  const payload = Buffer.from(text.replace('render/v1alpha2', `render/${version}`))
  const envelope = signEnvelope(payload, inTotoPayloadType, signingKey)
  return annotated(object, { [annotations.attestation]: JSON.stringify(envelope) })
}

const rule = { provenance: {} }
const set = buildPolicySet([{ value: policy(rule), where: 'p' }], [])

t.test('A statement of v1alpha1 is verified, and an audit annotation says so', t => {
  const annotationsOf = (object: ReturnType<typeof signedAs>) =>
    respond('u', evaluate(subjectOfManifest(object), set, context)).auditAnnotations
  const old = annotationsOf(signedAs('v1alpha1'))
  t.equal(old?.decision, 'allowed')
  t.equal(
    old?.['attestation-version'],
    'v1alpha1, which release 0.2 will not verify; render and sign the object again with this release'
  )
  const current = annotationsOf(attested())
  t.equal(current?.decision, 'allowed')
  t.notOk('attestation-version' in (current ?? {}))
  t.equal(current?.['model-digest'], modelDigest)
  t.end()
})

t.test('What v1alpha1 did not attest is not asked of it', t => {
  const metadata = { ...job.metadata, name: 'churn' }
  const spec = { predictor: { model: { modelFormat: { name: 'sklearn' }, storageUri: 's3://m' } } }
  const service = {
    apiVersion: 'serving.kserve.io/v1beta1',
    kind: 'InferenceService',
    metadata,
    spec
  }
  const object = {
    ...{ group: 'serving.kserve.io', kind: 'InferenceService' },
    ...{ namespace: 'ml', name: 'churn' }
  }
  const rendered = encodeRendered(service)
  const said = { ...facts, object, images: [], models: ['s3://m'], rendered }
  t.same(judge(rule, signedAs('v1alpha1', said, service)), [])
  t.same(judge(rule, signedAs('v1alpha2', said, service)), [
    `spec.predictor.model.modelFormat: this field was not attested, and it chooses a runtime that provides the container; ${fix}`
  ])
  t.end()
})

t.test('A statement of a version that is not known is refused', t => {
  for (const version of ['v1alpha3', 'v1', 'v1alpha1/x', 'v1alpha11', '']) {
    t.same(judge(rule, signedAs(version)), [
      `${at}: the attestation cannot be read: the statement has the version "${version}"; this release reads v1alpha2 and v1alpha1 [ATTESTATION_INVALID]; ${fix}`
    ])
  }
  t.end()
})

t.test('The annotation of the model digest, and the absent one of a commit, must be true', t => {
  const key = annotations.modelDigest
  t.same(judge(rule, annotated(attested(), { [key]: modelDigest })), [])
  const wrong = `sha256:${'0'.repeat(64)}`
  t.same(judge(rule, annotated(attested(), { [key]: wrong })), [
    `metadata.annotations[${key}]: the annotation does not match the attested digest; found ${wrong}; allowed: ${modelDigest}; ${fix}`
  ])
  const { modelCommit, ...source } = facts.source
  const shallow = annotated(attested(job, { ...facts, source }), {
    [annotations.modelCommit]: undefined
  })
  t.same(judge(rule, shallow), [])
  t.same(judge(rule, annotated(shallow, { [annotations.modelCommit]: modelCommit })), [
    `metadata.annotations[${annotations.modelCommit}]: the annotation does not match the attested commit; found ${modelCommit ?? ''}; allowed: nothing; ${fix}`
  ])
  t.end()
})
