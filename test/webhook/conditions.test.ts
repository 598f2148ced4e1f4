import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { identify } from '../../evidence/identity.ts'
import { actionOf, countViolations, describeFinding } from '../../webhook/decision.ts'
import { buildPolicySet, usesCel } from '../../webhook/policy/policy-set.ts'
import { defaultControllers } from '../../webhook/subject/exemption.ts'
import { subjectOfManifest } from '../../webhook/subject/subject.ts'
import type { Subject } from '../../webhook/subject/subject.ts'
import { faultText } from '../fault-text.ts'
import { job } from './attested.ts'
import { context, evaluate, policy } from './judged.ts'

/** A rule that no object meets, so that every judged object is denied. */
const never = { labels: { required: [{ key: 'never' }] } }
const setOf = (...values: JsonObject[]) =>
  buildPolicySet(
    values.map(value => ({ value, where: 'p' })),
    ['exceptions']
  )

function decide(more: Partial<Subject>, ...policies: JsonObject[]) {
  const subject = { ...subjectOfManifest(more.object ?? job), ...more }
  const set = setOf(...(policies.length === 0 ? [policy(never)] : policies))
  return evaluate(subject, set, { ...context, namespaceLabels: new Map() })
}

const withMetadata = (more: JsonObject): JsonObject => ({
  ...job,
  metadata: { ...job.metadata, ...more }
})

t.test(
  'Each controller of Kubernetes is known by its name, and by no owner but a controller',
  t => {
    const owner = (controller: boolean) => ({ kind: 'X', name: 'x', controller })
    const object = withMetadata({ ownerReferences: [owner(false), owner(true)] })
    for (const name of [
      'cronjob-controller',
      'daemon-set-controller',
      'deployment-controller',
      'job-controller',
      'replicaset-controller',
      'replication-controller',
      'statefulset-controller'
    ]) {
      const username = `system:serviceaccount:kube-system:${name}`
      const requester = { username, groups: [] }
      t.same(decide({ object, requester }), {
        kind: 'allowed',
        object: identify(job),
        policies: [],
        violations: [],
        exempted: [],
        exemption: `made by ${username}`
      })
      const owned = withMetadata({ ownerReferences: [owner(false)] })
      t.equal(decide({ object: owned, requester }).kind, 'denied')
    }
    t.equal(defaultControllers.length, 7)
    t.end()
  }
)

t.test(
  'On its way out an object may lose finalizers, and what the API server counts may change',
  t => {
    const operation = 'UPDATE'
    const leaving = { deletionTimestamp: '2026-11-24T00:00:00Z' }
    const oldObject = withMetadata({ ...leaving, finalizers: ['x'], resourceVersion: '1' })
    for (const more of [
      {},
      { resourceVersion: '2' },
      { generation: 2 },
      { managedFields: [{ manager: 'x' }] }
    ]) {
      const object = withMetadata({ ...leaving, ...more })
      t.equal(decide({ operation, object, oldObject }).kind, 'allowed', JSON.stringify(more))
    }
    const relabelled = (more: JsonObject) => withMetadata({ ...more, labels: { team: 'other' } })
    const staying = withMetadata({ finalizers: ['x'] })
    t.equal(decide({ operation, object: relabelled({}), oldObject: staying }).kind, 'denied')
    t.equal(decide({ operation, object: relabelled(leaving), oldObject: job }).kind, 'denied')
    t.end()
  }
)

t.test('Kubernetes may remove owners from orphaned objects, and nothing else', t => {
  const operation = 'UPDATE'
  const of = (name: string) => `system:serviceaccount:kube-system:${name}`
  const owned = { ownerReferences: [{ kind: 'X', name: 'x' }], finalizers: ['x'] }
  const oldObject = withMetadata({ ...owned, resourceVersion: '1' })
  const letGo = withMetadata({ resourceVersion: '2' })
  const by = (username: string, object: JsonObject = letGo) =>
    decide({ operation, object, oldObject, requester: { username, groups: [] } })
  for (const username of [of('generic-garbage-collector'), of('job-controller')]) {
    t.equal(by(username).exemption, `${username} changes only owners or finalizers`)
    t.equal(by(username, { ...letGo, spec: {} }).kind, 'denied')
    t.equal(by(username, withMetadata({ labels: {} })).kind, 'denied')
    const requester = { username, groups: [] }
    t.equal(decide({ object: letGo, requester }).kind, 'denied', 'a creation')
  }
  // For anybody else it is an update that changes nothing that the rule looks at.
  for (const username of ['eve', of('namespace-controller')]) {
    t.match(by(username), { kind: 'allowed', exemption: undefined, unchanged: ['p/labels'] })
  }
  t.end()
})

t.test('Each field of a selection decides', t => {
  const matched = (matchConstraints: JsonObject, more: Partial<Subject> = {}) =>
    decide(more, policy(never, { matchConstraints })).kind === 'denied'
  const kinds = (...names: string[]) => names.map(kind => ({ apiGroups: ['batch'], kinds: [kind] }))
  t.ok(matched({}), 'no selector, and known labels')
  t.ok(matched({ kinds: kinds('CronJob', 'Job') }))
  t.notOk(matched({ kinds: kinds('CronJob', 'Other') }))
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }
  const other = { object: configMap, identity: identify(configMap) }
  t.notOk(matched({ roles: ['train', 'serve', 'pipeline', 'run'] }, other))
  t.ok(matched({}, other))
  const selected = (operator: string, values?: string[], labels: JsonObject = { team: 'a' }) =>
    matched(
      {
        objectSelector: { matchExpressions: [{ key: 'team', operator, ...(values && { values }) }] }
      },
      { object: withMetadata({ labels }) }
    )
  t.notOk(selected('In', ['b']))
  t.ok(selected('NotIn', ['b']))
  t.ok(selected('NotIn', ['a'], {}))
  t.notOk(selected('Exists', undefined, { team: 7 }), 'a label is a text')
  t.end()
})

t.test('One of several policies, rules, objects and names of an exception is enough', t => {
  const exception = (spec: JsonObject) => ({
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'PolicyException',
    metadata: { name: 'e', namespace: 'exceptions' },
    spec: {
      policies: [{ name: 'q' }, { name: 'p', rules: ['images', 'labels'] }],
      objects: [
        { kinds: ['Pod'], namespaces: ['ml'], names: ['*'] },
        { kinds: ['Pod', 'Job'], namespaces: ['dev', 'ml'], names: ['other', 'train'] }
      ],
      reason: 'several are named',
      expiresAt: '2027-01-01T00:00:00Z',
      ...spec
    }
  })
  t.equal(decide({}, policy(never), exception({})).kind, 'allowed')
  t.equal(decide({}, policy(never), exception({ policies: [{ name: 'q' }] })).kind, 'denied')
  t.end()
})

t.test('Denying violations come first, whichever policy reports them', t => {
  const named = (name: string, actions: string[]) => ({
    ...policy(never, { validationActions: actions }),
    metadata: { name }
  })
  const { kind, violations } = decide(
    {},
    named('c', ['Deny']),
    named('a', ['Warn']),
    named('d', ['Audit']),
    named('b', ['Deny'])
  )
  t.equal(kind, 'denied')
  t.same(
    violations.map(({ policy }) => policy),
    ['b', 'c', 'a', 'd']
  )
  t.same(violations.map(actionOf), ['Deny', 'Deny', 'Warn', 'Audit'])
  t.equal(actionOf({ actions: ['Audit', 'Warn'] }), 'Warn')
  t.same([0, 1, 2].map(countViolations), ['0 violations', '1 violation', '2 violations'])
  const finding = { field: 'f', problem: 'p' }
  t.equal(describeFinding(finding), 'p')
  const all = { ...finding, found: 'a', allowed: 'b', fix: 'c' }
  t.equal(describeFinding(all), 'p; found a; allowed: b; fix: c')
  t.end()
})

t.test('A rule may set a single field', t => {
  const cel = { cel: { validations: [{ expression: 'true' }] } }
  for (const rule of [
    { resources: { requests: ['cpu'] } },
    { resources: { limits: ['cpu'] } },
    { resources: { requests: ['cpu'], limits: ['cpu'] } },
    { images: { pinnedBy: ['digest'] } },
    { images: { forbiddenTags: ['latest'] } },
    { images: { registries: ['ghcr.io'] } },
    { biasAudit: {} },
    { biasAudit: { bounds: [{ metric: 'demographic_parity_ratio', min: 0.8 }] } },
    { biasAudit: { bounds: [{ metric: 'demographic_parity_ratio', max: 0.8 }] } },
    { labels: { required: [{ key: 'x' }] } },
    { schema: { schema: {} } },
    cel
  ]) {
    t.equal(
      faultText(() => setOf(policy(rule))),
      'no fault',
      JSON.stringify(rule)
    )
  }
  t.equal(usesCel(setOf(policy(never))), false)
  const both = { ...policy(never, { rules: [never, cel] }), metadata: { name: 'q' } }
  t.equal(usesCel(setOf(policy(never), both)), true)
  t.end()
})
