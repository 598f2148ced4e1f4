import t from 'tap'
import { Fault } from '../../../common/fault.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { readExceptions } from '../../../webhook/cluster/exception-readings.ts'
import { PolicyBook } from '../../../webhook/cluster/policy-book.ts'
import type { PolicyReading } from '../../../webhook/cluster/policy-book.ts'
import { exceptionCondition, policyCondition } from '../../../webhook/cluster/ready-condition.ts'
import { unusablePolicy } from '../../../webhook/cluster/unusable-policy.ts'
import { subjectOfManifest } from '../../../webhook/subject/subject.ts'
import { context } from '../judged.ts'
import { exceptionObject, policyObject, unusableRules } from './policy-objects.ts'

function stored(body: JsonObject, generation: number | undefined = 1): ApiObject {
  const { name = '', namespace = '' } = body.metadata as Readonly<Record<string, string>>
  return { namespace, name, uid: `uid of ${name}`, resourceVersion: '1', generation, body }
}

/** A book, and the faults that it reported. */
function openBook() {
  const book = new PolicyBook()
  const reported: string[] = []
  const read = (...objects: readonly ApiObject[]) =>
    book
      .read(objects, ({ code, details }, consequence) =>
        reported.push(`${details.where ?? ''}: ${code}: ${consequence}`)
      )
      .map(
        ({ policy, set, fault }) =>
          `${policy.name} of ${set || 'the default set'}: ${policy.rules.map(({ name }) => name).join()}, ${fault?.code ?? 'in force'}`
      )
  return { read, reported }
}

t.test('The last good version stays in force, and a policy that was never valid is replaced', t => {
  const { read, reported } = openBook()
  const good = policyObject('team')
  const bad = policyObject('team', { rules: unusableRules })
  t.same(read(stored(bad, 1)), ['team of the default set: usable, POLICY_INVALID'])
  t.same(read(stored(good, 2)), ['team of the default set: labels, in force'])
  t.same(read(stored(bad, 3)), ['team of the default set: labels, POLICY_INVALID'])
  t.same(read(stored(bad, 4)), ['team of the default set: labels, POLICY_INVALID'])
  t.same(reported, [
    'modelpolicy team: POLICY_INVALID: refused a policy; every object that it selects violates it',
    'modelpolicy team: POLICY_INVALID: refused a policy change; the last good version stays in force',
    'modelpolicy team: POLICY_INVALID: refused a policy change; the last good version stays in force'
  ])
  t.same(read(), [], 'a policy that is gone is forgotten')
  t.same(read(stored(bad, 5)), ['team of the default set: usable, POLICY_INVALID'])
  t.end()
})

t.test('A policy is compiled again when its generation changes; its set is always read', t => {
  const { read, reported } = openBook()
  const bad = { rules: unusableRules }
  read(stored(policyObject('team', bad), 1))
  t.same(read(stored(policyObject('team', { ...bad, set: 'strict' }), 1)), [
    'team of strict: usable, POLICY_INVALID'
  ])
  t.equal(reported.length, 1, 'a fault is reported once')
  t.same(read(stored(policyObject('b')), stored(policyObject('a')), stored(policyObject('c'))), [
    'a of the default set: labels, in force',
    'b of the default set: labels, in force',
    'c of the default set: labels, in force'
  ])
  t.end()
})

t.test('The replacement of an invalid policy keeps its valid actions and selection', t => {
  const replacementOf = (spec: JsonValue) => {
    const { name, actions, match } = unusablePolicy({ ...policyObject('team'), spec }, 'team')
    return { name, actions, match }
  }
  const match = { roles: ['train'] }
  const everything = {}
  const [warn, deny, rules] = [['Warn'], ['Deny'], unusableRules]
  const cases: readonly (readonly [JsonValue, readonly string[], JsonObject])[] = [
    [{ validationActions: warn, matchConstraints: match, rules }, warn, match],
    [{ validationActions: warn, rules }, warn, everything],
    [{ validationActions: ['warn'], matchConstraints: match, rules }, deny, match],
    [{ matchConstraints: match, rules }, deny, match],
    [{ validationActions: warn, matchConstraints: { role: 'train' }, rules }, warn, everything],
    [{ validationActions: ['warn'], matchConstraints: { role: 'train' } }, deny, everything],
    ['text', deny, everything]
  ]
  for (const [spec, actions, selected] of cases) {
    t.same(replacementOf(spec), { name: 'team', actions, match: selected }, JSON.stringify(spec))
  }
  const [rule] = unusablePolicy(policyObject('team'), 'team').rules
  const subject = subjectOfManifest({ apiVersion: 'batch/v1', kind: 'Job' })
  t.same(rule?.judge({ subject, ...context } as never), [
    {
      field: 'metadata.name',
      problem: 'the policy team selects this object and is invalid',
      fix: 'ask the owner of the policy to fix it: kubectl describe modelpolicy team shows the error'
    }
  ])
  t.equal(rule?.name, 'usable')
  t.end()
})

t.test('The condition of a policy shows that it is in force, or why not', t => {
  const reading = (object: ApiObject, fault?: Fault) =>
    policyCondition({ object, fault, policy: { rules: [] } } as unknown as PolicyReading, undefined)
  t.same(reading(stored(policyObject('team'), 7)), {
    type: 'Ready',
    status: 'True',
    reason: 'InForce',
    message: 'every rule is in force',
    observedGeneration: 7
  })
  t.same(reading({ ...stored(policyObject('team')), generation: undefined }, new Fault('X', 'y')), {
    type: 'Ready',
    status: 'False',
    reason: 'Invalid',
    message:
      'y\nUntil it is fixed, a replica judges by its last good version; without one, every object that it selects violates it.',
    observedGeneration: 0
  })
  t.end()
})

t.test('The condition of an exception shows until when it is in force, or why it is not', t => {
  const says = (body: JsonObject, now: string) => {
    const [reading] = readExceptions([stored(body, 3)], ['exceptions'])
    if (reading === undefined) throw new Error('it was not read')
    const { type, status, reason, message, observedGeneration } = exceptionCondition(
      reading,
      new Date(now)
    )
    return `${type} ${status} ${reason} ${observedGeneration}: ${message}`
  }
  const exception = exceptionObject('exceptions')
  t.equal(
    says(exception, '2027-01-30T23:59:59.999Z'),
    'Ready True InForce 3: in force until 2027-01-31T00:00:00.000Z'
  )
  t.equal(
    says(exception, '2027-01-31T00:00:00Z'),
    'Ready False Expired 3: expired at 2027-01-31T00:00:00.000Z'
  )
  t.equal(
    says(exceptionObject('ml'), '2026-11-26T00:00:00Z'),
    'Ready False NamespaceNotAllowed 3: exceptions in namespace ml are not accepted: the webhook accepts those of --exception-namespace'
  )
  const short = exceptionObject('exceptions', { reason: 'short' })
  t.match(readExceptions([stored(short)], ['exceptions']), [
    { kind: 'invalid', fault: { details: { where: 'policyexception exceptions/let-train' } } }
  ])
  t.equal(
    says(short, '2026-11-26T00:00:00Z'),
    'Ready False Invalid 3: the exception cannot be used:\n  spec.reason: expected a string of 10 to 500 characters, found a string\nIt has no effect.'
  )
  t.end()
})
