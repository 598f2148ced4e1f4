import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { ask, Cluster, object, podOf, signed } from './made-by.ts'

const image = 'registry.example.com/ml/trainer:1.0'
const injected = 'ghcr.io/tektoncd/pipeline/entrypoint:v1'
const owner = signed(
  object('tekton.dev/v1 TaskRun', 'train', {
    spec: { taskSpec: { steps: [{ name: 'train', image }] } }
  })
)
const pod = object('v1 Pod', 'train-pod', { owner, spec: podOf(image, injected) })
const made =
  'made by system:serviceaccount:tekton-pipelines:tekton-pipelines-controller for TaskRun ml/train, which was admitted with all that it runs'

const pods = { kinds: [{ apiGroups: [''], kinds: ['Pod'] }] }
const taskRuns = { kinds: [{ apiGroups: ['tekton.dev'], kinds: ['TaskRun'] }] }

/** What the API server hears about the Pod, under one rule of a policy with this selection. */
function judgedBy(rule: JsonObject, matchConstraints: JsonObject = {}): Promise<string> {
  const policy = {
    apiVersion: 'mlgitops.io/v1alpha1',
    kind: 'ModelPolicy',
    metadata: { name: 'p' },
    spec: { validationActions: ['Deny'], matchConstraints, rules: [rule] }
  }
  const set = buildPolicySet([{ value: policy, where: 'p' }], [])
  return ask(new Cluster(owner), pod, { set })
}

const labels = { labels: { required: [{ key: 'team' }] } }
const resources = { resources: { requests: ['cpu'] } }
const images = { images: { registries: ['registry.example.com/ml'] } }
const audit = { biasAudit: { level: 'present' } }
const stands = `${made}; these rules do not judge TaskRun ml/train, so they judge this object`

t.test('A policy that selects the owner too has judged it', async t => {
  for (const rule of [labels, resources, images, audit, { provenance: {} }]) {
    t.equal(await judgedBy(rule), made, JSON.stringify(rule))
    const both = { kinds: [...pods.kinds, ...taskRuns.kinds] }
    t.equal(await judgedBy(rule, both), made, JSON.stringify(rule))
  }
})

t.test('A policy for what is made judges what is made', async t => {
  for (const rule of [labels, resources, images]) {
    t.equal(await judgedBy(rule, pods), `403: ${stands}`, JSON.stringify(rule))
  }
  t.equal(
    await judgedBy(labels, { operations: ['UPDATE'], ...pods }),
    'allowed',
    'it does not select the Pod'
  )
})

t.test('Rules that need an attestation judge the one of the owner', async t => {
  t.equal(await judgedBy({ provenance: {} }, pods), made)
  t.equal(await judgedBy({ provenance: { environments: ['production'] } }, pods), made)
  t.equal(await judgedBy({ provenance: { environments: ['staging'] } }, pods), `403: ${stands}`)
  t.equal(await judgedBy({ biasAudit: { maxAgeDays: 1 } }, pods), `403: ${stands}`)
})
