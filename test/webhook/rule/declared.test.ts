import fc from 'fast-check'
import { RE2JS } from 're2js'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { judge, pod } from '../judged.ts'
import { cpuMs } from '../../cpu-ms.ts'

t.test('Rule resources: every container, or the pod for all of them', t => {
  const rule = { resources: { requests: ['cpu'], limits: ['memory', 'nvidia.com/gpu'] } }
  const missing = (name: string, part: string) =>
    `spec.containers[0].resources.${part}.${name}: the container has no ${name} in its ${part}; allowed: a quantity above 0; fix: set ${part}.${name}`
  t.same(judge(rule, pod({ image: 'x' })), [
    missing('cpu', 'requests'),
    missing('memory', 'limits'),
    missing('nvidia.com/gpu', 'limits')
  ])
  const resources = { requests: { cpu: '500m' }, limits: { memory: '1Gi', 'nvidia.com/gpu': 1 } }
  t.same(judge(rule, pod({ image: 'x', resources })), [])
  t.same(judge(rule, pod({ image: 'x' }, { resources })), [])
  t.same(
    judge(
      rule,
      pod({ image: 'x', resources }, { ephemeralContainers: [{ name: 'y', image: 'x' }] })
    ),
    []
  )
  for (const cpu of ['0', '0m', 0, '', 'lots', '-1', '1 ', null, {}, [1], true] as JsonValue[]) {
    t.same(
      judge(
        { resources: { requests: ['cpu'] } },
        pod({ image: 'x', resources: { requests: { cpu } } })
      ),
      [missing('cpu', 'requests')]
    )
  }
  const good = [1, 0.5, 2n ** 60n, '1', '.55', '1e33', '1E+3', '1e-3', '1.', '+2', '100Mi']
  for (const cpu of good) {
    t.same(
      judge(
        { resources: { requests: ['cpu'] } },
        pod({ image: 'x', resources: { requests: { cpu } } })
      ),
      []
    )
  }
  const task = (computeResources: JsonObject) => ({
    apiVersion: 'tekton.dev/v1',
    kind: 'Task',
    metadata: { name: 'x' },
    spec: { steps: [{ name: 'a', image: 'x', computeResources }] }
  })
  t.same(judge({ resources: { limits: ['memory'] } }, task({ limits: { memory: '1Gi' } })), [])
  const limited = { resources: { limits: ['memory'] } }
  const sidecar = (part: string) => ({
    ...task({}),
    spec: { sidecars: [{ name: 'a', image: 'x', [part]: {} }] }
  })
  for (const part of ['computeResources', 'resources']) {
    const text = `the container has no memory in its limits; allowed: a quantity above 0; fix: set limits.memory`
    t.same(judge(limited, sidecar(part)), [`spec.sidecars[0].${part}.limits.memory: ${text}`])
  }
  const unset = { ...task({}), spec: { steps: [{ name: 'a', image: 'x' }] } }
  t.match(judge(limited, unset), [/^spec\.steps\[0\]\.computeResources\.limits\.memory: /])
  const wholeTask = {
    ...task({}),
    spec: { resources: { limits: { memory: 1 } }, steps: [{ image: 'x' }] }
  }
  t.match(judge(limited, wholeTask), [/^spec\.steps\[0\]\.computeResources\.limits\.memory: /])
  const initContainers = [{ image: 'x' }]
  t.same(
    judge(limited, pod({ image: 'x' }, { initContainers, resources: { limits: { memory: 1 } } })),
    []
  )
  t.same(judge({ resources: { limits: ['memory'] } }, task({})), [
    'spec.steps[0].computeResources.limits.memory: the container has no memory in its limits; allowed: a quantity above 0; fix: set limits.memory'
  ])
  t.end()
})

t.test('Rule resources: which fields are containers', t => {
  const rule = { resources: { requests: ['cpu'] } }
  const fields = (apiVersion: string, kind: string, spec: JsonObject) =>
    judge(rule, { apiVersion, kind, metadata: { name: 'x' }, spec }).map(
      line => line.split(': ')[0]
    )
  t.same(fields('v1', 'ConfigMap', { containers: [{ image: 'x' }] }), [])
  const containers = Array<JsonObject>(11).fill({ image: 'x' })
  t.same(fields('v1', 'Pod', { containers, resources: { requests: { cpu: 1 } } }), [])
  t.equal(fields('v1', 'Pod', { containers }).length, 11)
  const volumes = [{ name: 'v', image: { reference: 'x' } }]
  t.same(fields('v1', 'Pod', { containers: [], volumes }), [], 'an image volume')
  const server = { storageUri: 's3://x', storage: { path: 'x' } }
  t.same(
    fields('serving.kserve.io/v1beta1', 'InferenceService', { predictor: { model: server } }),
    ['spec.predictor.model.resources.requests.cpu'],
    'a model server, whose image the runtime brings'
  )
  t.same(
    fields('serving.kserve.io/v1beta1', 'InferenceService', {
      predictor: { model: { ...server, image: 'x' } }
    }),
    ['spec.predictor.model.resources.requests.cpu'],
    'and one with an image of its own, once'
  )
  const initializer = { model: { storageUri: 's3://x' } }
  t.same(fields('trainer.kubeflow.org/v1alpha1', 'TrainJob', { initializer }), [])
  const trainer = (resourcesPerNode: JsonObject) => ({ trainer: { image: 'x', resourcesPerNode } })
  const trainJob = ['trainer.kubeflow.org/v1alpha1', 'TrainJob'] as const
  t.same(fields(...trainJob, trainer({ requests: { cpu: 1 } })), [])
  t.same(fields(...trainJob, trainer({})), ['spec.trainer.resourcesPerNode.requests.cpu'])
  t.same(
    fields('apps.kruise.io/v1alpha1', 'ImagePullJob', { image: 'x' }),
    [],
    'pulls, and runs nothing'
  )
  t.same(fields('tekton.dev/v1', 'StepAction', { image: 'x' }), [], 'its steps have resources')
  const opaque = { workflowTemplateRef: { name: 'x' }, templates: [{ plugin: { x: {} } }] }
  t.same(fields('argoproj.io/v1alpha1', 'Workflow', opaque), [])
  t.end()
})

t.test('Rule resources: no map key and no malformed list hides a container', t => {
  const rule = { resources: { requests: ['cpu'] } }
  const evil = { template: { spec: { containers: [{ name: 'x', image: 'x' }] } } }
  const good = {
    template: {
      spec: {
        containers: [{ ...evil, name: 'x', image: 'x', resources: { requests: { cpu: 1 } } }]
      }
    }
  }
  const refused = (replicas: JsonObject) =>
    judge(rule, {
      apiVersion: 'kubeflow.org/v1',
      kind: 'TFJob',
      metadata: { name: 'x' },
      spec: { tfReplicaSpecs: replicas }
    })
  t.same(refused({ Worker: good }), [])
  t.same(refused({ Worker: good, Evil: evil }), [
    'spec.tfReplicaSpecs[Evil].template.spec.containers[0].resources.requests.cpu: the container has no cpu in its requests; allowed: a quantity above 0; fix: set requests.cpu'
  ])
  const unread = [
    'spec.tfReplicaSpecs: the field can hide a container: it holds a key that no field path can express, and cannot be searched; fix: write it as fields of the object, or ask for a PolicyException'
  ]
  for (const key of [
    'Worker].template.spec.containers[0',
    'a\u0001',
    'a\u200b',
    'a'.repeat(101),
    ']'
  ]) {
    t.same(refused({ Worker: good, [key]: evil }), unread, key)
  }
  t.same(refused({ Worker: good, ['a'.repeat(100)]: good, 'a.b': good }), [])
  t.same(judge(rule, { ...pod({}), spec: { containers: 'x' } }), [
    'spec.containers: the field can hide a container: it holds a string where a list is expected, and cannot be searched; fix: write it as fields of the object, or ask for a PolicyException'
  ])
  t.end()
})

t.test('Rule labels', t => {
  const labelled = (labels: JsonValue) => ({ ...pod({}), metadata: { name: 'x', labels } })
  const rule = {
    labels: { required: [{ key: 'team' }, { key: 'stage', values: ['dev', 'prod'] }] }
  }
  t.same(judge(rule, labelled({ team: 'a', stage: 'dev' })), [])
  t.same(judge(rule, labelled({ team: '', stage: 'test' })), [
    'metadata.labels[team]: the label team is missing; allowed: any non-empty value; fix: set the label team',
    'metadata.labels[stage]: the label stage has a value that is not allowed; found test; allowed: dev, prod; fix: set the label stage to an allowed value'
  ])
  t.equal(judge(rule, labelled({ team: 1, stage: ['dev'] })).length, 2)
  t.equal(judge(rule, labelled('team')).length, 2)
  t.end()
})

t.test('Rule schema: draft 2020-12, with patterns that take linear time', t => {
  const schema = {
    properties: {
      metadata: { properties: { name: { pattern: '^(a+)+$' } } },
      spec: { required: ['containers'] }
    }
  }
  const named = (name: string, spec: JsonObject = { containers: [] }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec
  })
  t.same(judge({ schema: { schema } }, named('aaa')), [])
  const startedMs = cpuMs()
  t.same(judge({ schema: { schema } }, named(`${'a'.repeat(5_000)}!`, {})), [
    'metadata.name: the object does not match the schema: must match pattern "^(a+)+$"; fix: correct the field',
    "spec: the object does not match the schema: must have required property 'containers'; fix: correct the field"
  ])
  t.ok(cpuMs() - startedMs < 5_000, 'a backtracking engine would need longer than the universe')
  t.equal(
    judge(
      { schema: { schema: { properties: { kind: { pattern: '(a+)+^b' } } } } },
      { kind: 'a'.repeat(50) }
    ).length,
    1
  )
  const matching = (pattern: string) => {
    const judged = { schema: { schema: { properties: { kind: { pattern } } } } }
    return ['', 'a', 'aab', 'b', 'xaab', 'aabx', 'a-1', '7'].filter(
      kind => judge(judged, { kind }).length === 0
    )
  }
  for (const pattern of [
    '^a',
    '^a*b$',
    '^[ab]+$',
    '^[a-z]*',
    '^a[-]1',
    'a+b',
    '^$',
    '^a{2}b',
    '^a+b+$'
  ]) {
    const expected = ['', 'a', 'aab', 'b', 'xaab', 'aabx', 'a-1', '7'].filter(text =>
      new RegExp(pattern, 'u').test(text)
    )
    t.same(matching(pattern), expected, pattern)
  }
  t.same(
    judge({ schema: { schema: { required: ['x'] }, message: 'an x is needed' } }, named('a')),
    ['Pod: an x is needed; fix: correct the field']
  )
  const odd = {
    properties: {
      'a/b~c': { items: { additionalProperties: { type: 'string' } } },
      '7': { properties: { x: { type: 'string' } } }
    }
  }
  const broken = { 'a/b~c': [{}, { '10': 1, b1: 1, '1b': 1 }], '7': { x: 1 }, kind: 'Odd' }
  const type = 'the object does not match the schema: must be string; fix: correct the field'
  t.same(judge({ schema: { schema: odd } }, broken), [
    `[7].x: ${type}`,
    `a/b~c[1][10]: ${type}`,
    `a/b~c[1].b1: ${type}`,
    `a/b~c[1].1b: ${type}`
  ])
  t.same(judge({ schema: { schema: { required: ['x'] } } }, {}), [
    "object: the object does not match the schema: must have required property 'x'; fix: correct the field"
  ])
  const many = { additionalProperties: { type: 'string' } }
  const nine = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`k${at}`, at]))
  t.equal(judge({ schema: { schema: many } }, nine).length, 8)
  t.end()
})

t.test('A pattern matches the same in V8 and in RE2', t => {
  const pieces = ['a', 'z', '-', '_', '9', '[a-c]', '[-a]', '[a-b-]', '[_9-]', '.', '(b|c)', '[^a]']
  const pattern = fc
    .tuple(
      fc.constantFrom('^', ''),
      fc.array(fc.tuple(fc.constantFrom(...pieces), fc.constantFrom('', '', '+', '*', '?')), {
        maxLength: 4
      }),
      fc.constantFrom('$', '')
    )
    .map(([start, parts, end]) => start + parts.flat().join('') + end)
  const name = fc
    .array(fc.constantFrom('a', 'b', 'c', 'z', '-', '_', '9', '\n', 'é', '😀', 'A'), {
      maxLength: 6
    })
    .map(characters => characters.join(''))
  const check = (pattern: string, text: string) => {
    const schema = { properties: { metadata: { properties: { name: { pattern } } } } }
    const found = judge({ schema: { schema } }, { ...pod({}), metadata: { name: text } })
    return (found.length === 0) === RE2JS.compile(pattern).matcher(text).find()
  }
  fc.assert(fc.property(pattern, name, check), {
    seed: 4,
    numRuns: 1_000,
    examples: [
      ['^[a-z-]+$', 'abc-\n'],
      ['^a$', 'a\n'],
      ['^', ''],
      ['$', 'x']
    ]
  })
  t.end()
})
