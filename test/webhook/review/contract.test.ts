import path from 'node:path'
import t from 'tap'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import type { Answer } from '../../../service/http/answer.ts'
import type { HttpRequest } from '../../../service/http/request.ts'
import { readPolicyFolder } from '../../../webhook/policy/folder.ts'
import { reviewHandler } from '../../../webhook/review/handler.ts'
import { takeAnswer } from '../api-server.ts'
import { attested, job } from '../attested.ts'
import { context, evaluate } from '../judged.ts'
import { bytes, reviewOf, reviewUid } from '../reviews.ts'
import type { Asked } from '../reviews.ts'

const folder = path.join(import.meta.dirname, '../../../manifests/policies')
const set = readPolicyFolder(folder, 'policies', [])
const handler = reviewHandler({
  policySets: () => new Map([['', set]]),
  judge: (subject, set) => evaluate(subject, set, context),
  record: () => undefined,
  nowMs: () => 0
})

/** What the API server makes of our answer by the ready-made policies. */
function outcome(object: JsonObject, asked: Asked = {}) {
  const request: Partial<HttpRequest> = {
    headers: { 'content-type': 'application/json' },
    body: bytes(reviewOf(object, asked)),
    params: {},
    queryValue: () => undefined,
    startedMs: 0
  }
  const { status, body } = handler(request as HttpRequest) as Answer
  return takeAnswer(reviewUid, { status, body: body.toString() })
}

/** The fields that a denial names for a policy; what was allowed has none. */
function denied(policy: string, object: JsonObject, asked: Asked = {}): string[] {
  const taken = outcome(object, asked)
  if (taken.kind === 'call failure') return [taken.reason]
  const { causes = [] } = (taken.details ?? {}) as { causes?: { reason: string; field: string }[] }
  return causes.filter(({ reason }) => reason.startsWith(`${policy}/`)).map(({ field }) => field)
}

const image = 'registry.example.com/ml/x:v1'
const evil = 'registry.example.com.evil.com/ml/x:v1'
const metadata = { name: 'x', namespace: 'ml' }
const pod = (spec: JsonObject) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec })
const good = pod({ containers: [{ name: 'a', image }] })

t.test('Everything that an update adds is judged, wherever it is', t => {
  const update = { operation: 'UPDATE', oldObject: good }
  const a = { name: 'a', image }
  const b = { name: 'b', image: evil }
  const added: readonly (readonly [JsonObject, string])[] = [
    [{ containers: [a, b] }, 'spec.containers[1].image'],
    [{ containers: [a], initContainers: [b] }, 'spec.initContainers[0].image'],
    [
      { containers: [a], initContainers: [{ ...b, restartPolicy: 'Always' }] },
      'spec.initContainers[0].image'
    ],
    [
      { containers: [a], volumes: [{ name: 'v', image: { reference: evil } }] },
      'spec.volumes[0].image.reference'
    ]
  ]
  t.same(denied('allowed-registries', good, update), [])
  for (const [spec, field] of added) {
    t.same(denied('allowed-registries', pod(spec), update), [field])
    t.same(denied('allowed-registries', pod(spec)), [field], 'as a creation does')
  }
  const debugged = pod({ containers: [a], ephemeralContainers: [b] })
  const subResource = 'ephemeralcontainers'
  t.same(denied('allowed-registries', debugged, { ...update, subResource }), [
    'spec.ephemeralContainers[0].image'
  ])
  const resized = pod({ containers: [{ ...a, resources: { requests: { cpu: '2' } } }] })
  t.same(denied('require-resources', resized, { ...update, subResource: 'resize' }), [
    'spec.containers[0].resources.requests.memory',
    'spec.containers[0].resources.limits.memory'
  ])
  t.end()
})

t.test('A change of scale or status is exempt, because it does not change what runs', t => {
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata, spec: { replicas: 3 } }
  const resource = { group: 'apps', version: 'v1', resource: 'deployments' }
  const asked = { operation: 'UPDATE', oldObject: scale, request: { resource } }
  for (const [object, subResource] of [
    [scale, 'scale'],
    [good, 'status']
  ] as const) {
    t.match(outcome(object, { ...asked, oldObject: object, subResource }), {
      kind: 'allowed',
      annotations: {
        'policies.mlgitops.io/exemption': `subresource ${subResource} does not change what runs`
      }
    })
  }
  t.end()
})

t.test('An object cannot avoid a policy by another version or by its own labels', t => {
  const template = { spec: { containers: [{ name: 'a', image: evil }] } }
  const kinds: readonly (readonly [string, string, JsonValue, string])[] = [
    [
      'batch/v1beta1',
      'CronJob',
      { jobTemplate: { spec: { template } } },
      'jobTemplate.spec.template.spec'
    ],
    ['batch/v2alpha1', 'Job', { template }, 'template.spec'],
    ['apps/v1beta2', 'Deployment', { template }, 'template.spec'],
    ['v1', 'ReplicationController', { template }, 'template.spec'],
    [
      'kubeflow.org/v1beta2',
      'TFJob',
      { tfReplicaSpecs: { Worker: { template } } },
      'tfReplicaSpecs[Worker].template.spec'
    ],
    ['serving.kserve.io/v1beta1', 'InferenceService', { predictor: template.spec }, 'predictor'],
    [
      'serving.kserve.io/v1beta1',
      'InferenceService',
      { predictor: { workerSpec: template.spec } },
      'predictor.workerSpec'
    ],
    ['serving.kserve.io/v1beta1', 'InferenceService', { explainer: template.spec }, 'explainer'],
    ['serving.kserve.io/v1beta1', 'InferenceService', { transformer: template.spec }, 'transformer']
  ]
  const labels = { 'mlgitops.io/admission': 'disabled', 'control-plane': 'x' }
  for (const [apiVersion, kind, spec, at] of kinds) {
    const object = { apiVersion, kind, metadata: { ...metadata, labels }, spec }
    const field = `spec.${at}.containers[0].image`
    t.same(denied('allowed-registries', object), [field], `${apiVersion} ${kind} ${at}`)
  }
  t.end()
})

t.test('Names that fool a search for text do not fool the parser', t => {
  const tricks: readonly (readonly [string, string[]])[] = [
    ['registry.example.com/ml/x', ['commit-pinned-images']],
    ['registry.example.com:443/ml/x', ['allowed-registries', 'commit-pinned-images']],
    ['registry.example.com/ml-evil/x:v1', ['allowed-registries', 'commit-pinned-images']],
    ['registryXexampleXcom/ml/x:v1', ['allowed-registries', 'commit-pinned-images']],
    ['evil.com/registry.example.com/ml/x:v1', ['allowed-registries', 'commit-pinned-images']],
    ['registry.example.com@evil.com/ml/x', ['allowed-registries', 'commit-pinned-images']],
    ['REGISTRY.EXAMPLE.COM/ml/x:v1', ['commit-pinned-images']],
    ['registry.example.com/ml/../evil/x:v1', ['allowed-registries', 'commit-pinned-images']],
    ['registry.example.com/ml/x\u200b:v1', ['allowed-registries', 'commit-pinned-images']],
    ['rеgistry.example.com/ml/x:v1', ['allowed-registries', 'commit-pinned-images']],
    [' registry.example.com/ml/x:v1', ['allowed-registries', 'commit-pinned-images']],
    ['registry.example.com/ml/x:v1\n', ['allowed-registries', 'commit-pinned-images']],
    [`registry.example.com/ml/x:latest@sha256:${'0'.repeat(64)}`, []]
  ]
  for (const [name, policies] of tricks) {
    const object = pod({ containers: [{ name: 'a', image: name }] })
    const refusing = ['allowed-registries', 'commit-pinned-images'].filter(
      policy => denied(policy, object).length > 0
    )
    t.same(refusing, policies, name)
  }
  t.end()
})

t.test('An attested Job passes, again and again, and its annotations say by which key', t => {
  for (const dryRun of [false, true, false]) {
    t.match(outcome(attested(), { request: { dryRun } }), {
      kind: 'allowed',
      warnings: [],
      dropped: [],
      annotations: {
        'policies.mlgitops.io/decision': 'allowed',
        'policies.mlgitops.io/key-id': String
      }
    })
  }
  t.match(outcome(job), { kind: 'denied', code: 403, reason: 'Forbidden' })
  const mapped = { ...job, metadata: { ...job.metadata, labels: { team: 'map[a:b] map[c]' } } }
  const taken = outcome({
    ...mapped,
    spec: { template: { spec: { containers: [{ image: 'map[x] map[y]' }] } } }
  })
  t.match(taken, { kind: 'denied', message: 'found:   map [x] map [y]' })
  t.notMatch(JSON.stringify(taken), 'map[', 'Argo CD would delete the message from there on')
  t.end()
})
