import path from 'node:path'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readPolicyFolder } from '../../webhook/policy/folder.ts'
import { buildPolicySet } from '../../webhook/policy/policy-set.ts'
import { buildSubject, subjectOfManifest } from '../../webhook/subject/subject.ts'
import type { Subject } from '../../webhook/subject/subject.ts'
import { attested, commit, job, modelCommit, modelDigest, trustedKey } from './attested.ts'
import { at, context, evaluate, policy } from './judged.ts'
import { signed } from './signed.ts'

t.test(
  'The ready-made policies admit an attested Job and list everything that a bare Job lacks',
  t => {
    const set = readPolicyFolder(
      path.join(import.meta.dirname, '../../manifests/policies'),
      'p',
      []
    )
    const names = [
      'allowed-model-locations',
      'allowed-registries',
      'commit-pinned-images',
      'require-bias-audit',
      'require-labels',
      'require-provenance',
      'require-resources'
    ]
    t.same(
      set.policies.map(({ name }) => name),
      names
    )
    t.same(evaluate(subjectOfManifest(attested()), set, context), {
      kind: 'allowed',
      object: {
        group: 'batch',
        version: 'v1',
        kind: 'Job',
        namespace: 'ml',
        name: 'train',
        generateName: ''
      },
      policies: names,
      violations: [],
      exempted: [],
      provenance: { keyId: trustedKey.id, version: 'v1alpha2', commit, modelCommit, modelDigest }
    })
    const bare = {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'bare', namespace: 'ml' },
      spec: { template: { spec: { containers: [{ name: 'x', image: 'nginx' }] } } }
    }
    const decision = evaluate(subjectOfManifest(bare), set, context)
    t.equal(decision.kind, 'denied')
    t.same(
      decision.violations.map(({ policy, rule, field }) => `${policy}/${rule} ${field}`),
      [
        'allowed-registries/images spec.template.spec.containers[0].image',
        'commit-pinned-images/images spec.template.spec.containers[0].image',
        `require-bias-audit/biasAudit ${at}`,
        'require-labels/labels metadata.labels[team]',
        'require-labels/labels metadata.labels[app.kubernetes.io/part-of]',
        `require-provenance/provenance ${at}`,
        'require-resources/resources spec.template.spec.containers[0].resources.requests.cpu',
        'require-resources/resources spec.template.spec.containers[0].resources.requests.memory',
        'require-resources/resources spec.template.spec.containers[0].resources.limits.memory'
      ]
    )
    t.end()
  }
)

t.test('Which objects a policy selects', t => {
  const matched = (
    match: JsonObject,
    subject: Partial<Subject> = {},
    labels?: ReadonlyMap<string, string>
  ) => {
    const value = policy({ labels: { required: [{ key: 'never' }] } }, { matchConstraints: match })
    const full = buildSubject({ ...subjectOfManifest(job), ...subject })
    const set = buildPolicySet([{ value, where: 'p' }], [])
    return evaluate(full, set, { ...context, namespaceLabels: labels }).kind === 'denied'
  }
  const rule = (apiGroups: string[], kinds: string[]) => ({ apiGroups, kinds })
  t.ok(matched({}))
  t.ok(matched({ roles: ['train'] }))
  t.notOk(matched({ roles: ['serve', 'pipeline', 'run'] }))
  t.ok(matched({ roles: ['serve'], kinds: [rule(['batch'], ['Job'])] }))
  t.ok(matched({ kinds: [rule(['*'], ['*'])] }))
  t.notOk(matched({ kinds: [rule([''], ['Job'])] }))
  t.notOk(matched({ kinds: [rule(['batch'], ['CronJob'])] }))
  t.ok(matched({ kinds: [{ ...rule(['batch'], ['Job']), apiVersions: ['v1'] }] }))
  t.notOk(matched({ kinds: [{ ...rule(['batch'], ['Job']), apiVersions: ['v2'] }] }))
  t.notOk(matched({ roles: ['train'], excludeKinds: [rule(['batch'], ['Job'])] }))
  t.ok(matched({ operations: ['CREATE'] }))
  t.notOk(matched({ operations: ['UPDATE'] }))
  const selector = (operator: string, key: string, values?: string[]) => ({
    objectSelector: { matchExpressions: [{ key, operator, ...(values && { values }) }] }
  })
  t.ok(matched({ objectSelector: { matchLabels: { team: 'ml-platform' } } }))
  t.notOk(matched({ objectSelector: { matchLabels: { team: 'other' } } }))
  t.ok(matched(selector('In', 'team', ['a', 'ml-platform'])))
  t.notOk(matched(selector('In', 'none', ['a'])))
  t.ok(matched(selector('NotIn', 'none', ['a'])))
  t.notOk(matched(selector('NotIn', 'team', ['ml-platform'])))
  t.ok(matched(selector('Exists', 'team')))
  t.notOk(matched(selector('Exists', 'none')))
  t.ok(matched(selector('DoesNotExist', 'none')))
  t.notOk(matched(selector('DoesNotExist', 'team')))
  const unlabelled = { ...job, metadata: { name: 'train', namespace: 'ml' } }
  const update = { operation: 'UPDATE', object: unlabelled, oldObject: job } as const
  t.ok(
    matched({ objectSelector: { matchLabels: { team: 'ml-platform' } } }, update),
    'the old object had the label'
  )
  const namespaceSelector = { matchLabels: { tier: 'prod' } }
  t.ok(matched({ namespaceSelector }, {}, new Map([['tier', 'prod']])))
  t.notOk(matched({ namespaceSelector }, {}, new Map()))
  t.ok(matched({ namespaceSelector }), 'unknown labels: the policy applies')
  const clusterWide = { identity: { ...subjectOfManifest(job).identity, namespace: '' } }
  t.ok(
    matched({ namespaceSelector }, clusterWide, new Map()),
    'cluster-scoped objects are not skipped'
  )
  t.end()
})

t.test('A status is judged where its controller runs it, and as far as it changes', t => {
  const set = buildPolicySet([{ value: policy({ provenance: {} }), where: 'p' }], [])
  const status = (image: string) => ({ podName: 'x', taskSpec: { steps: [{ image }] } })
  const run = { apiVersion: 'tekton.dev/v1', kind: 'TaskRun', metadata: job.metadata, spec: {} }
  const oldObject = { ...run, spec: { taskSpec: { steps: [{ image: 'a' }] } } }
  const decide = (more: Partial<Subject>, requester?: string, object: JsonObject = oldObject) => {
    const subject = buildSubject({
      ...subjectOfManifest(object),
      oldObject: object,
      operation: 'UPDATE',
      subResource: 'status',
      ...(requester === undefined ? {} : { requester: { username: requester, groups: [] } }),
      ...more
    })
    const controllers = ['system:serviceaccount:tekton-pipelines:tekton-pipelines-controller']
    const { exemption, kind, violations } = evaluate(subject, set, { ...context, controllers })
    return exemption ?? [kind, ...violations.map(({ field }) => field)]
  }
  const harmless = 'subresource status does not change what runs'
  const tekton = 'system:serviceaccount:tekton-pipelines:tekton-pipelines-controller'
  const signedRun = signed(oldObject)
  const written = { ...signedRun, status: status('a') }
  const evil = { ...signedRun, status: status('evil') }
  t.equal(decide({ object: { ...oldObject, status: { podName: 'y' } } }), harmless)
  t.same(decide({ object: evil }), ['denied', 'status.taskSpec.steps[0].image'])
  t.same(decide({ object: written }), ['allowed'], 'what was attested in the spec')
  t.equal(decide({ object: evil }, tekton), `status written by ${tekton}`)
  t.equal(decide({ object: evil, oldObject: evil }), harmless, 'what it had already')

  const main = { subResource: '' }
  t.same(decide({ ...main, object: evil }), ['denied', 'status.taskSpec.steps[0].image'])
  t.same(decide({ ...main, object: evil, oldObject: evil }), ['allowed'])
  t.equal(
    decide({ ...main, object: evil, oldObject: signedRun }, tekton),
    `status written by ${tekton}`
  )
  const changed = { ...evil, spec: {} }
  t.same(decide({ ...main, object: changed, oldObject: signedRun }, tekton), [
    'denied',
    'status.taskSpec.steps[0].image'
  ])
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: job.metadata, spec: {} }
  t.equal(decide({ object: { ...pod, status: status('evil') } }, undefined, pod), harmless)
  t.end()
})

t.test('Which requests are exempt', t => {
  const set = buildPolicySet(
    [{ value: policy({ labels: { required: [{ key: 'never' }] } }), where: 'p' }],
    []
  )
  const exemption = (more: Partial<Subject>) => {
    const subject = buildSubject({ ...subjectOfManifest(job), ...more })
    const decision = evaluate(subject, set, context)
    return decision.exemption ?? decision.kind
  }
  const controlled = (controller: JsonValue = true) => ({
    ...job,
    metadata: { ...job.metadata, ownerReferences: [{ kind: 'CronJob', name: 'x', controller }] }
  })
  const username = 'system:serviceaccount:kube-system:cronjob-controller'
  const requester = { username, groups: [] }
  t.equal(exemption({ object: controlled(), requester }), `made by ${username}`)
  t.equal(exemption({ object: controlled(), requester: { username: 'eve', groups: [] } }), 'denied')
  t.equal(exemption({ object: controlled() }), 'denied')
  t.equal(exemption({ requester }), 'denied', 'a controller that makes an object without an owner')
  t.equal(exemption({ object: controlled('true'), requester }), 'denied')
  t.equal(
    exemption({ object: controlled(), requester, subResource: 'ephemeralcontainers' }),
    'denied'
  )
  t.equal(exemption({ subResource: 'resize' }), 'denied')
  t.equal(exemption({ subResource: 'of-a-later-kubernetes' }), 'denied')
  for (const subResource of ['binding', 'eviction']) {
    t.equal(exemption({ subResource }), `subresource ${subResource} does not change what runs`)
  }
  t.equal(exemption({ subResource: 'status' }), 'subresource status does not change what runs')
  t.equal(exemption({ subResource: 'scale' }), 'subresource scale does not change what runs')
  const leaving = {
    ...job,
    metadata: { ...job.metadata, deletionTimestamp: '2026-11-24T00:00:00Z', finalizers: ['x'] }
  }
  const operation = 'UPDATE'
  const left = { ...leaving, metadata: { ...leaving.metadata, finalizers: [] } }
  t.equal(
    exemption({ operation, object: left, oldObject: leaving }),
    'being deleted; only its finalizers change'
  )
  t.equal(exemption({ operation, object: { ...left, spec: {} }, oldObject: leaving }), 'denied')
  t.equal(
    exemption({ operation, object: { ...left, spec: {} }, oldObject: job }),
    'denied',
    'a timestamp that only the new object has'
  )
  const relabelled = { ...left, metadata: { ...left.metadata, labels: {} } }
  t.equal(exemption({ operation, object: relabelled, oldObject: leaving }), 'denied')
  t.end()
})

t.test('Actions: Deny decides, Warn and Audit are reported', t => {
  const value = (actions: string[]) =>
    policy({ labels: { required: [{ key: 'never' }] } }, { validationActions: actions })
  const decide = (actions: string[]) =>
    evaluate(
      subjectOfManifest(job),
      buildPolicySet([{ value: value(actions), where: 'p' }], []),
      context
    )
  t.equal(decide(['Deny']).kind, 'denied')
  t.equal(decide(['Audit', 'Deny']).kind, 'denied')
  t.equal(decide(['Warn', 'Audit']).kind, 'allowed')
  t.same(decide(['Warn', 'Audit']).violations[0]?.actions, ['Warn', 'Audit'])
  t.end()
})

t.test('An exception accepts named violations of named objects until it expires', t => {
  const exception = (spec: JsonObject) => ({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'PolicyException',
    metadata: { name: 'e', namespace: 'exceptions' },
    spec: {
      policies: [{ name: 'p' }],
      objects: [{ kinds: ['Job'], namespaces: ['ml'], names: ['train*'] }],
      reason: 'the audit is under way',
      expiresAt: '2026-11-24T12:00:01Z',
      ...spec
    }
  })
  const decide = (spec: JsonObject) => {
    const sources = [policy({ labels: { required: [{ key: 'never' }] } }), exception(spec)]
    const set = buildPolicySet(
      sources.map(value => ({ value, where: 'p' })),
      ['exceptions']
    )
    return evaluate(subjectOfManifest(job), set, context)
  }
  const excused = decide({})
  t.equal(excused.kind, 'allowed')
  t.same(
    excused.exempted.map(({ exception, violation }) => [exception, violation.field]),
    [['exceptions/e', 'metadata.labels[never]']]
  )
  t.equal(decide({ policies: [{ name: 'p', rules: ['labels'] }] }).kind, 'allowed')
  const denied = [
    { expiresAt: '2026-11-24T12:00:00Z' },
    { policies: [{ name: 'q' }] },
    { policies: [{ name: 'p', rules: ['images'] }] },
    { objects: [{ kinds: ['Pod'], namespaces: ['ml'], names: ['train*'] }] },
    { objects: [{ kinds: ['Job'], namespaces: ['dev'], names: ['train*'] }] },
    { objects: [{ kinds: ['Job'], namespaces: ['ml'], names: ['other'] }] }
  ]
  for (const spec of denied) t.equal(decide(spec).kind, 'denied', JSON.stringify(spec))
  t.end()
})
