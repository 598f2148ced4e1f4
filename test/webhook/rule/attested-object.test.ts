import t from 'tap'
import { annotations } from '../../../evidence/annotations.ts'
import type { RenderFacts } from '../../../evidence/attestation/statement.ts'
import { digestSpec } from '../../../evidence/workload/spec-digest.ts'
import type { JsonObject } from '../../../common/json.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { buildSubject, subjectOfManifest } from '../../../webhook/subject/subject.ts'
import { annotated, attested, facts, image, job, modelDigest } from '../attested.ts'
import { at, context, evaluate, fix, judge, policy } from '../judged.ts'

t.test('An attestation without a namespace is refused before the object has one', t => {
  const rule = { provenance: {} }
  const { namespace, ...metadata } = job.metadata
  t.equal(namespace, 'ml')
  const unplaced = { ...job, metadata }
  const made = (object: Partial<RenderFacts['object']>) =>
    judge(rule, attested(unplaced, { ...facts, object: { ...facts.object, ...object } }))
  t.same(made({}), [], 'kubectl --namespace ml places it')
  t.same(made({ namespace: '' }), [
    `${at}: the attestation was made for another object; found batch/Job/train; allowed: batch/Job/NAMESPACE/train; fix: render with the destination namespace (--namespace), or write it into the manifest`
  ])
  const generated = { ...unplaced, metadata: { ...metadata, name: null, generateName: 'train-' } }
  const { name, ...unnamed } = facts.object
  t.equal(name, 'train')
  const object = { ...unnamed, namespace: '', generateName: 'train-' }
  t.match(judge(rule, attested(generated, { ...facts, object })), [
    '; found batch/Job/train-*; allowed: batch/Job/NAMESPACE/train-*; '
  ])
  t.end()
})

t.test('Kinds of the cluster have no namespace, and registry entries have one', t => {
  const runtime = {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ClusterServingRuntime',
    metadata: { name: 'x', annotations: job.metadata.annotations },
    spec: { containers: [{ name: 'x', image }] }
  }
  const object = {
    group: 'serving.kserve.io',
    kind: 'ClusterServingRuntime',
    namespace: '',
    name: 'x'
  }
  t.same(judge({ provenance: {} }, attested(runtime, { ...facts, object })), [])
  const spec = { name: 'churn', version: '1' }
  const entry = {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'RegisteredModel',
    metadata: runtime.metadata,
    spec
  }
  const registry = { spec: { sha256: digestSpec({ spec }) }, uris: [] }
  const said = (namespace: string) => ({
    ...facts,
    images: [],
    object: { group: 'mlgitops.io', kind: 'RegisteredModel', namespace, name: 'x' },
    registry
  })
  t.same(judge({ provenance: {} }, attested(entry, said('ml'))), [])
  t.match(judge({ provenance: {} }, attested(entry, said(''))), [
    '; allowed: mlgitops.io/RegisteredModel/NAMESPACE/x; '
  ])
  t.end()
})

t.test('The fix of an object without an attestation is that of its cause', t => {
  const rule = { provenance: {} }
  t.same(judge(rule, annotated(job, { [annotations.gitDirty]: 'true' })), [
    `${at}: the object has no attestation; fix: commit or restore the files that differed from the commit (mlgitops.io/git-dirty), and render again: only a clean tree is attested`
  ])
  const bare = { [annotations.gitCommit]: undefined, [annotations.modelCommit]: undefined }
  t.same(judge(rule, annotated(job, bare)), [`${at}: the object has no attestation; ${fix}`])
  t.end()
})

t.test('The repository of the annotation is the attested one', t => {
  const rule = { provenance: {} }
  const at = 'metadata.annotations[mlgitops.io/git-repo]'
  const repository = 'https://git.example.com/acme/models.git'
  const said = (found: string | undefined) =>
    judge(rule, annotated(attested(), { [annotations.gitRepo]: found }))
  t.same(said(repository), [])
  t.same(said(undefined), [], 'the annotation is for people, and older renders wrote none')
  t.same(said('https://git.example.com/evil/models.git'), [
    `${at}: the annotation does not match the attested repository; found https://git.example.com/evil/models.git; allowed: ${repository}; ${fix}`
  ])
  const { repository: left, ...source } = facts.source
  t.equal(left, repository)
  const local = annotated(attested(job, { ...facts, source }), {
    [annotations.gitRepo]: repository
  })
  t.match(judge(rule, local), [`; found ${repository}; allowed: nothing; `])
  t.end()
})

t.test('The digest in an annotation is the attested one, and no rule reads the annotation', t => {
  const at = 'metadata.annotations[mlgitops.io/model-digest]'
  const evil = `sha256:${'0'.repeat(64)}`
  const said = (rule: JsonObject, found: string | undefined, tag = 'latest') => {
    const image = `registry.example.com/ml/trainer:${tag}`
    const object = { ...job, spec: { template: { spec: { containers: [{ image }] } } } }
    const signed = attested(object, { ...facts, images: [image] })
    return judge(rule, annotated(signed, { [annotations.modelDigest]: found }))
  }
  const [provenance, pinned] = [{ provenance: {} }, { images: { pinnedBy: ['commit'] } }]
  t.same(said(provenance, modelDigest), [])
  t.same(said(provenance, evil), [
    `${at}: the annotation does not match the attested digest; found ${evil}; allowed: ${modelDigest}; ${fix}`
  ])
  // Without the annotation, an object claims less than its attestation, which decides.
  t.same(said(provenance, undefined), [])
  t.same(said(pinned, undefined, modelDigest.slice(7)), [])
  t.match(said(pinned, undefined, evil.slice(7)), ['the image is not pinned'])
  t.end()
})

t.test('A kind that nobody knows can be of the cluster: --namespace settles it for both', t => {
  const object = {
    apiVersion: 'serving.kserve.io/v1alpha1',
    kind: 'ClusterThing',
    metadata: { name: 'x', annotations: job.metadata.annotations },
    spec: { containers: [{ name: 'x', image }] }
  }
  const rule = policy({ provenance: {} })
  const set = buildPolicySet([{ value: rule, where: 'p' }], [])
  const made = (namespace: string) => {
    const name = { group: 'serving.kserve.io', kind: 'ClusterThing', namespace, name: 'x' }
    const signed = attested(object, { ...facts, object: name })
    const { identity } = subjectOfManifest(signed)
    const subjects = [
      subjectOfManifest(signed),
      // A request about an object of the cluster has no namespace.
      buildSubject({
        object: signed,
        identity,
        operation: 'CREATE',
        subResource: '',
        requester: { username: 'jane', groups: [] }
      })
    ]
    return subjects.map(subject => evaluate(subject, set, context).violations.map(each => each.fix))
  }
  const fixOfNamespace =
    'render with the destination namespace (--namespace), or write it into the manifest'
  t.same(made(''), [[fixOfNamespace], [fixOfNamespace]], 'in check and in the webhook')
  t.same(made('ml'), [[], []])
  t.end()
})
