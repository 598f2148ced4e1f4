import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { annotations } from '../../../evidence/annotations.ts'
import { compileProgram } from '../../../webhook/cel/program.ts'
import { evaluateWithCel } from '../../../webhook/evaluate.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { respond } from '../../../webhook/review/respond.ts'
import { buildSubject, subjectOfManifest } from '../../../webhook/subject/subject.ts'
import { annotated, attested, job, trustedKey } from '../attested.ts'
import { context, policy } from '../judged.ts'

const evaluator = {
  evaluate: (rules: readonly Parameters<typeof compileProgram>[0][], bindings: never) =>
    Promise.resolve(
      rules.map(rule => ({ kind: 'judged', findings: compileProgram(rule)(bindings) }) as const)
    )
}

/** What the API server hears of an update: `denied`, `allowed`, or which violations were there before. */
async function update(
  rule: JsonObject,
  oldObject: JsonObject,
  object: JsonObject,
  { spec = {}, given = {} }: { spec?: JsonObject; given?: Partial<typeof context> } = {}
): Promise<string> {
  const set = buildPolicySet([{ value: policy(rule, spec), where: 'p' }], [])
  const subject = buildSubject({
    ...subjectOfManifest(object),
    oldObject,
    operation: 'UPDATE',
    requester: { username: 'ann', groups: [] }
  })
  const { allowed, auditAnnotations } = respond(
    '1',
    await evaluateWithCel(subject, set, { ...context, ...given }, { evaluator })
  )
  if (!allowed) return 'denied'
  return auditAnnotations?.unchanged ?? 'allowed'
}

const metadata = (object: JsonObject, more: JsonObject): JsonObject => ({
  ...object,
  metadata: { ...(object.metadata as JsonObject), ...more }
})
const labelled = (object: JsonObject) => metadata(object, { labels: { touched: 'yes' } })
const running = (image: string, more: JsonObject = {}): JsonObject => ({
  ...job,
  spec: { ...more, template: { spec: { containers: [{ name: 'x', image }] } } }
})

/** Rules that the old object violates, and that look at no label. */
const violated: Readonly<Record<string, JsonObject>> = {
  provenance: { provenance: {} },
  biasAudit: { biasAudit: { maxAgeDays: 365 } },
  images: { images: { registries: ['registry.example.com'], hidden: 'Deny' } },
  resources: { resources: { limits: ['memory'] } },
  schema: {
    schema: {
      schema: { properties: { spec: { properties: { ok: { const: true } }, required: ['ok'] } } }
    }
  },
  cel: { cel: { validations: [{ expression: 'has(object.spec.ok)' }] } }
}

t.test('What a rule has against an object from before counts when something changes', async t => {
  const old = running('evil.example.com/x:1')
  for (const [name, rule] of Object.entries(violated)) {
    const after = (object: JsonObject) => update(rule, old, object)
    t.equal(await after(old), `p/${name}`, 'nothing changes')
    t.equal(await after(labelled(old)), `p/${name}`, 'a label')
    t.equal(await after({ ...old, status: { active: 1 } }), `p/${name}`, 'a status')
    t.equal(await after(annotated(old, { 'kubectl.kubernetes.io/x': 'y' })), `p/${name}`)
    t.equal(await after(running('evil.example.com/x:2')), 'denied', 'another image')
    const command = {
      ...job,
      spec: {
        template: {
          spec: { containers: [{ name: 'x', image: 'evil.example.com/x:1', command: ['sh'] }] }
        }
      }
    }
    t.equal(await after(command), 'denied', 'another command, whatever the rule looks at')
    t.equal(await after(running('evil.example.com/x:1', { backoffLimitPerIndex: 1 })), 'denied')
  }
})

t.test(
  'How often and how long the same runs is no change of it, unless a rule looks at it',
  async t => {
    const old = running('x', { suspend: true })
    const resumed = running('x', { suspend: false, parallelism: 3 })
    for (const [name, rule] of Object.entries(violated)) {
      t.equal(await update(rule, old, resumed), `p/${name}`)
    }
    const replicas = { cel: { validations: [{ expression: 'object.spec.parallelism < 1' }] } }
    t.equal(
      await update(replicas, running('x', { parallelism: 1 }), running('x', { parallelism: 2 })),
      'denied'
    )
    const map = { replicas: { Worker: { template: 'x' } } }
    t.equal(
      await update(violated.images ?? {}, running('x', map), running('x', {})),
      'denied',
      'a mapping'
    )
  }
)

t.test('The attestation is looked at by the rules that read it', async t => {
  const old = attested()
  const stale = { maxAgeDays: 1 }
  const other = annotated(old, { [annotations.attestation]: '{}' })
  const gone = annotated(old, { [annotations.attestation]: undefined })
  for (const object of [other, gone]) {
    t.equal(await update({ biasAudit: stale }, old, object), 'denied')
    t.equal(await update({ provenance: {} }, old, object), 'denied')
  }
  t.equal(
    await update({ biasAudit: stale }, old, labelled(old)),
    'p/biasAudit',
    'an audit that is too old'
  )
  const ended = { trustedKeys: [{ ...trustedKey, notAfter: new Date('2026-11-01T00:00:00Z') }] }
  t.equal(
    await update({ provenance: {} }, old, labelled(old), { given: ended }),
    'p/provenance',
    'the end of a key'
  )
  const expression = { cel: { validations: [{ expression: 'attestation != null' }] } }
  t.equal(await update(expression, old, gone), 'denied')
  t.equal(await update(expression, gone, labelled(gone)), 'p/cel')
})

t.test('Labels are looked at by labels, and by whatever selects by them', async t => {
  const never = { labels: { required: [{ key: 'never' }] } }
  t.equal(await update(never, job, annotated(job, { x: 'y' })), 'p/labels')
  t.equal(await update(never, job, labelled(job)), 'denied')
  const spec = { matchConstraints: { objectSelector: { matchLabels: { touched: 'yes' } } } }
  const rule = violated.resources ?? {}
  const old = running('x')
  t.equal(await update(rule, old, labelled(old), { spec }), 'denied', 'it selects the object now')
  t.equal(
    await update(rule, labelled(old), old, { spec }),
    'denied',
    'it selected the object before'
  )
  const annotatedToo = annotated(labelled(old), { x: 'y' })
  t.equal(await update(rule, labelled(old), annotatedToo, { spec }), 'p/resources')
})

t.test('Expressions look at the members that they name', async t => {
  const old = metadata(running('x', { parallelism: 2 }), { labels: { team: 'a' } })
  const cel = (expression: string, more: JsonObject = {}) => ({
    cel: { validations: [{ expression, ...more }] }
  })
  const team = metadata(old, { labels: { team: 'b' } })
  const rows: readonly (readonly [string, string])[] = [
    ['object.metadata.labels["team"] == "c"', 'denied'],
    ['object.metadata.labels.exists(k, k == "x")', 'denied'],
    ['object.metadata.labels.other == "c"', 'p/cel'],
    ['object.spec.template.spec.containers.all(c, has(c.resources))', 'p/cel'],
    ['size(object) == 0', 'denied'],
    ['request.operation == "CREATE"', 'p/cel'],
    ['request.userInfo.username == "bob"', 'denied'],
    ['request == null', 'denied'],
    ['oldObject.metadata.labels.team == "b" && object.spec.parallelism == 1', 'denied'],
    ['{"a": object.metadata.labels.team}["a"] == "c"', 'denied'],
    ['[object.metadata.labels.team] == ["c"]', 'denied']
  ]
  for (const [expression, expected] of rows) {
    t.equal(await update(cel(expression), old, team), expected, expression)
  }
  const variable = {
    cel: {
      variables: [{ name: 'team', expression: 'object.metadata.labels.team' }],
      validations: [{ expression: 'variables.team == "c"' }]
    }
  }
  t.equal(await update(variable, old, team), 'denied')
  const explained = cel('false', { messageExpression: 'object.metadata.labels.team' })
  t.equal(await update(explained, old, team), 'denied', 'its message would be another')
})

t.test('A schema looks at what it names, and at everything if it says more', async t => {
  const old = metadata(running('x'), { labels: { team: 'a' } })
  const team = metadata(old, { labels: { team: 'b' } })
  const schema = (more: JsonObject) => ({ schema: { schema: more } })
  const rows: readonly (readonly [JsonObject, string])[] = [
    [{ type: 'object', required: ['missing'] }, 'p/schema'],
    [{ properties: { metadata: { properties: { labels: { required: ['x'] } } } } }, 'p/schema'],
    [{ properties: { metadata: { properties: { labels: { maxProperties: 0 } } } } }, 'denied'],
    [{ properties: { metadata: { type: 'string' } } }, 'denied'],
    [{ not: {} }, 'denied'],
    [{ properties: { kind: false } }, 'p/schema'],
    [{ properties: { metadata: { required: ['x', 'labels'] } } }, 'denied']
  ]
  for (const [given, expected] of rows) {
    t.equal(await update(schema(given), old, team), expected, JSON.stringify(given))
  }
})

t.test(
  'Tekton and Argo are stopped, and Pods scheduled, whatever is held against them',
  async t => {
    const object = (apiVersion: string, kind: string, spec: JsonObject): JsonObject => ({
      ...job,
      apiVersion,
      kind,
      spec
    })
    const rule = violated.provenance ?? {}
    const stop = (apiVersion: string, kind: string, spec: JsonObject, more: JsonObject) =>
      update(rule, object(apiVersion, kind, spec), object(apiVersion, kind, { ...spec, ...more }))
    const run = { pipelineRef: { name: 'x' } }
    t.equal(
      await stop('tekton.dev/v1', 'PipelineRun', run, { status: 'Cancelled' }),
      'p/provenance'
    )
    t.equal(await stop('tekton.dev/v1', 'PipelineRun', run, { shutdown: 'Stop' }), 'denied')
    const templates = { templates: [{ name: 'a', container: { image: 'x' } }] }
    t.equal(
      await stop('argoproj.io/v1alpha1', 'Workflow', templates, { shutdown: 'Stop' }),
      'p/provenance'
    )
    const pod = { containers: [{ name: 'x', image: 'x' }], schedulingGates: [{ name: 'kueue' }] }
    t.equal(await stop('v1', 'Pod', pod, { schedulingGates: [] }), 'p/provenance')
    t.equal(await stop('v1', 'Pod', pod, { hostNetwork: true }), 'denied')
  }
)

t.test('A status that its controller runs is looked at by every rule', async t => {
  const workflow: JsonObject = {
    ...job,
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Workflow',
    spec: { templates: [{ name: 'a', container: { image: 'x' } }] }
  }
  const stored = (image: string) => ({
    ...workflow,
    status: { storedTemplates: { a: { name: 'a', container: { image } } } }
  })
  for (const [name, rule] of Object.entries(violated)) {
    t.equal(
      await update(rule, workflow, { ...workflow, status: { phase: 'Running' } }),
      `p/${name}`
    )
    t.equal(await update(rule, stored('x'), labelled(stored('x'))), `p/${name}`)
    t.equal(await update(rule, stored('x'), stored('y')), 'denied')
  }
})
