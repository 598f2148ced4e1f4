import t from 'tap'
import type { JsonObject } from '../../../common/json.ts'
import { identify } from '../../../evidence/identity.ts'
import { evaluateWithCel } from '../../../webhook/evaluate.ts'
import { readOperators } from '../../../webhook/owner/operator.ts'
import { buildPolicySet } from '../../../webhook/policy/policy-set.ts'
import { respond } from '../../../webhook/review/respond.ts'
import { buildSubject } from '../../../webhook/subject/subject.ts'
import { faultText } from '../../fault-text.ts'
import { context, policy } from '../judged.ts'
import { Cluster, object, podOf, signed } from './made-by.ts'

const image = 'registry.example.com/ml/server:1.0'
const proxy = 'docker.io/istio/proxyv2:1.24.0'
const controller = 'system:serviceaccount:kube-system:replicaset-controller'
const template = { template: { spec: podOf(image) } }
const deployment = signed(object('apps/v1 Deployment', 'web', { spec: template }))
const replicaSet = object('apps/v1 ReplicaSet', 'web-1', { owner: deployment, spec: template })
const pod = (...images: readonly string[]) =>
  object('v1 Pod', 'web-1-a', { owner: replicaSet, spec: podOf(...images) })

const { operators } = readOperators({
  operator: ['knative-serving:controller'],
  'operator-images': ['knative-serving:controller=gcr.io/knative-releases'],
  controller: []
})

const byOwner = { provenance: { pods: 'owner', injectedImages: ['docker.io/istio'] } }

interface Asked {
  readonly rule?: JsonObject
  /** Null for a webhook without one. */
  readonly cluster?: Cluster | null
  readonly username?: string
}

/** What the API server hears about a Pod that the ReplicaSet's controller makes. */
async function ask(
  given: JsonObject,
  {
    rule = byOwner,
    cluster = new Cluster(deployment, replicaSet),
    username = controller
  }: Asked = {}
): Promise<string> {
  const other = policy({ labels: { required: [{ key: 'never' }] } })
  const sources = [policy(rule), { ...other, metadata: { name: 'q' } }]
  const set = buildPolicySet(
    sources.map(value => ({ value, where: 'p' })),
    []
  )
  const subject = buildSubject({
    object: given,
    identity: identify(given),
    operation: 'CREATE',
    subResource: '',
    requester: { username, groups: [] }
  })
  const decision = await evaluateWithCel(
    subject,
    set,
    { ...context, owners: cluster === null ? undefined : { operators, source: cluster } },
    { evaluator: { evaluate: () => Promise.reject(new Error('no rule is an expression')) } }
  )
  const { allowed, status, auditAnnotations } = respond('1', decision)
  if (allowed) return auditAnnotations?.exemption ?? 'allowed'
  return `${status?.code}: ${status?.details.causes.map(({ message }) => message).join(' | ')}`
}

t.test('A Pod runs what its owner was admitted with, and no other rule judges it', async t => {
  t.equal(await ask(pod(image)), 'allowed')
  t.equal(await ask(pod(image, proxy)), 'allowed', 'what the policy lets others inject')
  t.equal(await ask(pod(image, 'gcr.io/knative-releases/queue:1')), 'allowed', 'of an operator')
  t.equal(
    await ask(pod(image, 'evil.example.com/miner:1')),
    '403: this image was not admitted with Deployment ml/web; found evil.example.com/miner:1; fix: if another webhook injects this image, name it in injectedImages of the policy; else deploy what was signed'
  )
})

t.test(
  'A container that is injected has the rights that it brings, and gives none to others',
  async t => {
    const rights = { securityContext: { capabilities: { add: ['NET_ADMIN'] } } }
    const spec = (first: JsonObject, second: JsonObject) => ({
      containers: [{ name: 'a', image, ...first }],
      initContainers: [{ name: 'b', image: proxy, ...second }]
    })
    const made = (pod: JsonObject) => object('v1 Pod', 'x', { owner: replicaSet, spec: pod })
    t.equal(await ask(made(spec({}, rights))), 'allowed')
    t.match(
      await ask(made(spec(rights, {}))),
      '403: Deployment ml/web does not have this right on its node; found capability NET_ADMIN'
    )
  }
)

t.test('Without the option a Pod of a controller is not judged', async t => {
  const rule = { provenance: {} }
  t.equal(await ask(pod('evil:1'), { rule }), `made by ${controller}`)
  t.equal(await ask(replicaSet), `made by ${controller}`, 'nor is what is no Pod')
})

t.test('What cannot be known is refused', async t => {
  const orphan = object('v1 Pod', 'x', { owner: replicaSet, spec: podOf(image) })
  t.match(
    await ask(orphan, { cluster: new Cluster(replicaSet) }),
    '403: the Pod has no attested owner: ReplicaSet ml/web-1 has no attested owner: the owner Deployment ml/web does not exist'
  )
  const cluster = new Cluster(deployment, replicaSet)
  cluster.outage = 'no answer in time'
  t.equal(
    await ask(pod(image), { cluster }),
    '503: cannot read the owner ReplicaSet ml/web-1: no answer in time; fix: the controller will try again'
  )
  t.equal(
    await ask(pod(image), { cluster: null }),
    '503: cannot read the owner: this webhook has no cluster to read it from (--kubeconfig); fix: the controller will try again'
  )
})

t.test('The origin of the owner is judged as that of any object', async t => {
  const rule = { provenance: { pods: 'owner', environments: ['staging'] } }
  t.match(await ask(pod(image), { rule }), '403: the environment is not allowed; found production')
  const forbidden = { provenance: { pods: 'owner', forbiddenCommits: ['c'.repeat(40)] } }
  t.match(await ask(pod(image), { rule: forbidden }), 'the rendered commit is forbidden')
})

t.test(
  'Whoever is no controller is judged by the Pod itself, whatever it says of an owner',
  async t => {
    t.match(await ask(pod(image), { username: 'eve' }), '403: the object has no attestation')
  }
)

t.test('injectedImages are prefixes, and need pods', t => {
  const fault = (provenance: JsonObject) =>
    faultText(() => buildPolicySet([{ value: policy({ provenance }), where: 'p' }], []))
  t.match(
    fault({ injectedImages: ['docker.io/istio'] }),
    'injectedImages has a meaning only with pods: owner'
  )
  t.match(fault({ pods: 'owner', injectedImages: ['istio'] }), 'istio is not a registry prefix')
  t.match(fault({ pods: 'own' }), 'expected owner')
  t.end()
})
