import type { JsonValue } from '../../common/json.ts'
import { memberName } from './place.ts'
import type { Place } from './place.ts'

/** What the mutating webhook of an operator sets in a field that is not its CRD's default. */
interface OperatorAddition {
  readonly group: string
  /** The names of the members that end the path, without indices. */
  readonly members: readonly string[]
  readonly values: readonly JsonValue[]
}

const additions: readonly OperatorAddition[] = [
  // tektoncd/pipeline pkg/apis/pipeline/v1, *_defaults.go
  { group: 'tekton.dev', members: ['taskRef', 'kind'], values: ['Task'] },
  { group: 'tekton.dev', members: ['params', 'type'], values: ['string', 'array', 'object'] },
  { group: 'tekton.dev', members: ['results', 'type'], values: ['string', 'object'] },
  { group: 'tekton.dev', members: ['properties', 'type'], values: ['string'] },
  // kserve/kserve pkg/apis/serving/v1beta1, inference_service_defaults.go and component.go
  { group: 'serving.kserve.io', members: ['model', 'protocolVersion'], values: ['v1', 'v2'] },
  { group: 'serving.kserve.io', members: ['containers', 'name'], values: ['kserve-container'] },
  { group: 'serving.kserve.io', members: ['automountServiceAccountToken'], values: [false] },
  // knative/serving pkg/apis/serving/v1, revision_defaults.go
  { group: 'serving.knative.dev', members: ['containers', 'name'], values: ['user-container'] },
  // kubernetes-sigs/jobset pkg/webhooks, jobset_webhook.go
  { group: 'jobset.x-k8s.io', members: ['successPolicy', 'operator'], values: ['All'] },
  {
    group: 'jobset.x-k8s.io',
    members: ['startupPolicy', 'startupPolicyOrder'],
    values: ['AnyOrder']
  },
  { group: 'jobset.x-k8s.io', members: ['spec', 'completionMode'], values: ['Indexed'] },
  { group: 'jobset.x-k8s.io', members: ['network', 'enableDNSHostnames'], values: [true] },
  { group: 'jobset.x-k8s.io', members: ['network', 'publishNotReadyAddresses'], values: [true] },
  // kubernetes-sigs/lws pkg/webhooks, leaderworkerset_webhook.go
  {
    group: 'leaderworkerset.x-k8s.io',
    members: ['rolloutStrategy', 'type'],
    values: ['RollingUpdate']
  },
  {
    group: 'leaderworkerset.x-k8s.io',
    members: ['networkConfig', 'subdomainPolicy'],
    values: ['Shared']
  }
]

const byGroup = Map.groupBy(additions, ({ group }) => group)

/** Whether the webhook of the kind's own operator sets this where nothing was rendered. */
export function isOperatorAddition(place: Place, { group }: { readonly group: string }): boolean {
  const own = byGroup.get(group) ?? []
  return own.some(
    each => each.values.some(value => value === place.found) && endsWith(place, each.members)
  )
}

function endsWith(place: Place, members: readonly string[]): boolean {
  let at: Place | undefined = place
  for (const name of members.toReversed()) {
    if (at === undefined || memberName(at) !== name) return false
    at = holderOfMember(at)
  }
  return true
}

/** The place of the object, outside of lists, that holds the member at a place. */
function holderOfMember(place: Place): Place | undefined {
  let at: Place | undefined = place
  while (at !== undefined && typeof at.key === 'number') at = at.parent
  return at?.parent
}
