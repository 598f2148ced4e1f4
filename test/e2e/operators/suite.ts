import assert from 'node:assert/strict'
import type { JsonObject } from '../../../common/json.ts'
import { installForeign } from '../rig/crds.ts'
import { kubectl } from '../rig/kubectl.ts'
import type { Machine } from '../rig/machine.ts'
import type { Points } from '../rig/points.ts'
import type { Suite } from '../rig/suite.ts'
import { keyOf, objectOf, OperatorBench } from './bench.ts'
import { operatorCases, stateful } from './cases.ts'
import { at, podOf } from './case.ts'
import type { OperatorCase } from './case.ts'
import { proveStatuses } from './statuses.ts'

const evil = 'evil.example.com/miner:1'

/** What operators make of signed objects, with their own CRDs and accounts and the shipped components. */
export const operators: Suite = async ({ machine, points }) => {
  await installForeign(machine.controlPlane, [
    ...(['PipelineRun', 'Pipeline', 'Task', 'TaskRun'] as const),
    ...(['InferenceService', 'ServingRuntime'] as const),
    ...(['KnativeService', 'Configuration', 'Revision'] as const),
    ...(['CronWorkflow', 'Workflow'] as const),
    ...(['TrainJob', 'ClusterTrainingRuntime', 'JobSet'] as const),
    ...(['RayJob', 'RayService', 'RayCluster', 'SparkApplication', 'SparkConnect'] as const),
    ...(['LLMInferenceService', 'LLMInferenceServiceConfig'] as const),
    ...(['JobFlow', 'JobTemplate', 'VolcanoJob', 'LeaderWorkerSet'] as const)
  ])
  await installSeldon(machine)
  const bench = await OperatorBench.create(machine)
  for (const each of operatorCases) await proveCase(bench, points, each)
  await proveStatuses(bench, points)
  await provePods(bench, points)
  await proveOutage(bench, points)
}

/** Creates the owner and each child as its account; the last one is also tried with another image. */
async function proveCase(
  bench: OperatorBench,
  points: Points,
  { components, owner, templates = [], children }: OperatorCase
): Promise<void> {
  const [, ownerKind = ''] = owner.type.split(' ')
  const name = `${components.join(' and ')}: what is made of a signed ${ownerKind}`
  let parent: JsonObject = {}
  const isMade = await points.check(`${name} is admitted`, async () => {
    for (const each of [...templates, owner]) {
      const [, kind = ''] = each.type.split(' ')
      const signed = bench.signed.get(`${kind} ${each.name}`)
      assert.ok(signed, `${kind} ${each.name} was rendered`)
      parent = await created(bench, signed)
    }
    for (const child of children) {
      const object = objectOf(child, { namespace: bench.namespace, ...ownedBy(parent) })
      parent = await (child.by === undefined ? bench.made(child) : created(bench, object, child.by))
    }
  })
  const last = children.at(-1)
  if (!isMade || last === undefined) return
  await points.check(`${name} is refused with another image`, async () => {
    const { ownerReferences } = parent.metadata as JsonObject
    const text = JSON.stringify(last.spec).replace(/registry\.example\.com[^"]*/, evil)
    const other = { ...last, name: `${last.name}-evil`, spec: JSON.parse(text) as JsonObject }
    const metadata = { namespace: bench.namespace, ownerReferences: ownerReferences ?? [] }
    const seen = await bench.create(objectOf(other, metadata), last.by)
    const ofOwner = `${ownerKind} ${bench.namespace}/${owner.name} was not admitted with what this object runs: `
    assert.ok(seen.stderr.includes(ofOwner), seen.stderr)
    assert.ok(
      seen.stderr.includes(`${evil}, which neither its attestation nor --operator-images has`)
    )
  })
  const command = JSON.stringify(last.spec).replace('train.py', 'evil.py')
  if (command !== JSON.stringify(last.spec)) {
    await points.check(`${name} is refused with another command`, async () => {
      const { ownerReferences } = parent.metadata as JsonObject
      const other = { ...last, name: `${last.name}-other`, spec: JSON.parse(command) as JsonObject }
      const metadata = { namespace: bench.namespace, ownerReferences: ownerReferences ?? [] }
      const seen = await bench.create(objectOf(other, metadata), last.by)
      assert.match(seen.stderr, /is no command that it has for this container/)
    })
  }
  await points.check(`${name} is refused when somebody else makes it`, async () => {
    const object = objectOf(last, { namespace: bench.namespace, ...ownedBy(parent) })
    const seen = await bench.create(object)
    assert.match(seen.stderr, /- signed \(provenance\): the object has no attestation/)
  })
}

async function created(bench: OperatorBench, object: JsonObject, by?: string): Promise<JsonObject> {
  const { code, stdout, stderr } = await bench.create(object, by)
  assert.equal(code, 0, `${keyOf(object)}: ${stderr}`)
  return JSON.parse(stdout) as JsonObject
}

function ownedBy({ apiVersion = '', kind = '', metadata }: JsonObject): JsonObject {
  const { name = '', uid = '' } = metadata as JsonObject
  return { ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] }
}

/** The API server asks about Pods of Kubernetes' own controllers too: the suite has no condition for them. */
async function provePods(bench: OperatorBench, points: Points): Promise<void> {
  const by = 'kube-system:statefulset-controller'
  let pod: JsonObject = {}
  await points.check(
    'a Pod that Kubernetes makes of a signed StatefulSet is admitted',
    async () => {
      const signed = bench.signed.get(`StatefulSet ${stateful.name}`)
      assert.ok(signed)
      await created(bench, signed)
      pod = await bench.made({ type: 'v1 Pod', name: `${stateful.name}-0`, spec: {} })
    }
  )
  await points.check('one with an injected container is refused, and says the image', async () => {
    const { ownerReferences = [] } = pod.metadata as JsonObject
    const injected = { type: 'v1 Pod', name: 'injected', spec: podOf(at('stateful'), evil) }
    const metadata = { namespace: bench.namespace, ownerReferences }
    const seen = await bench.create(objectOf(injected, metadata), by)
    assert.match(
      seen.stderr,
      /this image was not admitted with StatefulSet \S+\/stateful\n {4}field: {3}spec\.containers\[1\]\.image\n {4}found: {3}evil\.example\.com\/miner:1/
    )
  })
}

/** Without the permission to read an owner, a child is refused for now, and the message names the verb. */
async function proveOutage(bench: OperatorBench, points: Points): Promise<void> {
  await points.check(
    'an owner that may not be read refuses its children, and says why',
    async () => {
      const { controlPlane } = bench.machine
      const role = 'clusterrolebinding/mlgitops-webhook-owners-jobset'
      await kubectl(controlPlane, ['delete', role])
      await kubectl(controlPlane, [
        'delete',
        'clusterrolebinding/mlgitops-webhook-owners-kubeflow-trainer'
      ])
      const owner = {
        apiVersion: 'jobset.x-k8s.io/v1alpha2',
        kind: 'JobSet',
        metadata: { name: 'other', uid: 'x' }
      }
      const job = {
        type: 'batch/v1 Job',
        name: 'other',
        spec: {
          template: { spec: { containers: [{ name: 'a', image: evil }], restartPolicy: 'Never' } }
        }
      }
      const object = objectOf(job, { namespace: bench.namespace, ...ownedBy(owner) })
      const seen = await bench.create(object, 'jobset-system:jobset-controller-manager')
      assert.match(
        seen.stderr,
        /cannot read the owner JobSet \S+\/other: the API server refused to get jobsets\.jobset\.x-k8s\.io \S+\/other: .* cannot get resource "jobsets".*; the operator will try again/
      )
    }
  )
}

/** The CRDs of Seldon Core are in no Go module that can be had: a kind without a schema stands in. */
async function installSeldon(machine: Machine): Promise<void> {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'seldondeployments.machinelearning.seldon.io' },
    spec: {
      group: 'machinelearning.seldon.io',
      scope: 'Namespaced',
      names: { kind: 'SeldonDeployment', plural: 'seldondeployments' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
          }
        }
      ]
    }
  }
  const { code, stderr } = await kubectl(machine.controlPlane, ['apply', '-f', '-'], definition)
  assert.equal(code, 0, stderr)
  const wait = [
    'wait',
    '--for=condition=Established',
    'crd/seldondeployments.machinelearning.seldon.io'
  ]
  assert.equal((await kubectl(machine.controlPlane, wait)).code, 0)
}
