import { member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { always } from './addition.ts'
import type { Additions, Sets } from './addition.ts'
import { knativeAdditions } from './knative-additions.ts'
import { pathOf } from './place.ts'
import type { Place } from './place.ts'
import { tektonAdditions } from './tekton-additions.ts'

// kubernetes-sigs/jobset pkg/webhooks/jobset_webhook.go, Default; v0.8.0 to v0.11.0.
const jobSet: Additions = {
  'spec.successPolicy.operator': always('All'),
  'spec.startupPolicy.startupPolicyOrder': always('AnyOrder'),
  'spec.replicatedJobs.template.spec.completionMode': always('Indexed'),
  'spec.replicatedJobs.template.spec.template.spec.restartPolicy': always('OnFailure'),
  'spec.network.enableDNSHostnames': always(true),
  'spec.network.publishNotReadyAddresses': always(true),
  'spec.failurePolicy.rules.name': ({ parent, found }) =>
    found === `failurePolicyRule${String(parent?.key)}`
}

// kubernetes-sigs/lws pkg/webhooks/leaderworkerset_webhook.go, Default; v0.6.0 to v0.9.0. Its CRD declares the
// others.
const leaderWorkerSet: Additions = {
  'spec.networkConfig.subdomainPolicy': always('Shared')
}

// kserve/kserve pkg/apis/serving/v1beta1/inference_service_defaults.go, setPredictorModelDefaults and
// disableAutomountServiceAccountToken; v0.16.0 and v0.17.0.
const inferenceService: Additions = {
  'spec.predictor.model.protocolVersion': ({ parent, found }) =>
    found === 'v2' && usesV2(member(parent?.found, 'modelFormat')),
  'spec.predictor.automountServiceAccountToken': always(false),
  'spec.transformer.automountServiceAccountToken': always(false),
  'spec.explainer.automountServiceAccountToken': always(false)
}

function usesV2(format: JsonValue | undefined): boolean {
  return ['triton', 'onnx', 'huggingface'].some(each => each === member(format, 'name'))
}

/** By `GROUP/KIND`. Each row names the file of the project that sets it. */
const additions: Readonly<Record<string, Additions>> = {
  ...tektonAdditions,
  ...knativeAdditions,
  'jobset.x-k8s.io/JobSet': jobSet,
  'leaderworkerset.x-k8s.io/LeaderWorkerSet': leaderWorkerSet,
  'serving.kserve.io/InferenceService': inferenceService
}

interface Row {
  readonly names: readonly string[]
  readonly sets: Sets
}

/** By the kind and the last name of the path. */
const rows: ReadonlyMap<string, readonly Row[]> = Map.groupBy(
  Object.entries(additions).flatMap(([kind, ofKind]) =>
    Object.entries(ofKind).map(([path, sets]) => ({ kind, names: path.split('.'), sets }))
  ),
  ({ kind, names }) => rowKey(kind, names.at(-1) ?? '')
)

function rowKey(kind: string, name: string): string {
  return `${kind} ${name}`
}

/** Whether the webhook of the kind's own operator sets this where nothing was rendered. */
export function isOperatorAddition(
  place: Place,
  { group, kind }: { readonly group: string; readonly kind: string }
): boolean {
  const candidates = rows.get(rowKey(`${group}/${kind}`, String(place.key)))
  if (candidates === undefined) return false
  const path = pathOf(place).filter(segment => typeof segment === 'string')
  return candidates.some(({ names, sets }) => isAt(names, path) && sets(place))
}

function isAt(names: readonly string[], path: readonly string[]): boolean {
  return (
    names.length === path.length && names.every((name, at) => name === '*' || name === path[at])
  )
}
