import t from 'tap'
import { annotations } from '../../../evidence/annotations.ts'
import { ownerKinds } from '../../../webhook/owner/owner-kind.ts'
import { annotationOf } from '../../../webhook/subject/subject.ts'
import { annotated } from '../attested.ts'
import { ask, Cluster, object, podOf, signed } from './made-by.ts'

const image = 'registry.example.com/ml/trainer:1.0'
const task = { taskSpec: { steps: [{ name: 'train', image }] } }
const attested = signed(object('tekton.dev/v1 TaskRun', 'other', { spec: task }))
const attestation = annotationOf({ object: attested }, annotations.attestation)

t.test('Owners are followed for five levels', async t => {
  const chain = (length: number) => {
    const run = signed(object('tekton.dev/v1 TaskRun', 'top', { spec: task }))
    const owners = [run]
    for (let level = 1; level < length; level += 1) {
      owners.push(object('apps/v1 ReplicaSet', `level-${level}`, { owner: owners.at(-1) ?? run }))
    }
    const child = object('v1 Pod', 'child', { owner: owners.at(-1) ?? run, spec: podOf(image) })
    return ask(new Cluster(...owners), child)
  }
  t.match(await chain(5), /^made by/)
  t.match(await chain(6), /because none of its 5 owners is attested: ReplicaSet ml\/level-5, /)
})

t.test('A ReplicaSet and its Deployment are one level: KServe on Knative has five', async t => {
  const spec = {
    predictor: { containers: [{ name: 'kserve-container', image }] }
  }
  const service = signed(object('serving.kserve.io/v1beta1 InferenceService', 'top', { spec }))
  const types = [
    'serving.knative.dev/v1 Service',
    'serving.knative.dev/v1 Configuration',
    'serving.knative.dev/v1 Revision',
    'apps/v1 Deployment',
    'apps/v1 ReplicaSet'
  ]
  const chain = (above: readonly string[]) => {
    const owners = [service]
    for (const type of above) {
      owners.push(object(type, `x${owners.length}`, { owner: owners.at(-1) ?? service }))
    }
    const child = object('v1 Pod', 'pod', { owner: owners.at(-1) ?? service, spec: podOf(image) })
    return ask(new Cluster(...owners), child)
  }
  t.match(await chain(types), /for InferenceService ml\/top, which was admitted with all/)
  t.match(await chain(['serving.knative.dev/v1 Service', ...types]), /none of its 6 owners/)
})

t.test('An owner of no kind vouches without an attestation of its own', async t => {
  for (const { group, kind, version } of ownerKinds()) {
    const type = `${group === '' ? '' : `${group}/`}${version} ${kind}`
    const spec = {
      image,
      template: { spec: podOf(image) },
      containers: podOf(image).containers ?? []
    }
    const owner = object(type, 'owner', { spec })
    const child = object('v1 Pod', 'pod', { owner, spec: podOf(image) })
    t.match(
      await ask(new Cluster(owner), child),
      `because ${kind} ml/owner has no attested owner: it is not attested and nothing owns it`,
      type
    )
    const copied = annotated(owner, { [annotations.attestation]: attestation })
    t.match(
      await ask(new Cluster(copied), child),
      `because ${kind} ml/owner has no attested owner`,
      `${type} with the attestation of another object`
    )
  }
})
