import type { JsonObject } from '../../common/json.ts'

/** Somebody else's policy beside ours that says the same. */
export interface Pair {
  readonly peer: 'gatekeeper' | 'kyverno' | 'pod-security'
  /** Its constraint, its file or its check. */
  readonly policy: string
  /** Its name in results. */
  readonly id: string
  /** A rule of a ModelPolicy. */
  readonly rule: JsonObject
  /** The kinds that the peer's policy is about. */
  readonly kinds: readonly string[]
}

const pods = ['Pod']
/** Kyverno makes rules for these from a rule for Pods. */
const controllers = [
  'Pod',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'Job',
  'CronJob'
]

const everyContainer = (container: JsonObject): JsonObject => {
  const list = { items: container }
  return {
    properties: { containers: list, initContainers: list, ephemeralContainers: list }
  }
}

/** A rule schema about the pod spec of each kind, as in the recipes of docs/webhook.md. */
function podRule(pod: JsonObject): JsonObject {
  const template = { properties: { spec: pod } }
  const jobTemplate = { properties: { spec: { properties: { template } } } }
  return {
    schema: {
      schema: {
        properties: {
          spec: {
            allOf: [{ if: { not: { required: ['template'] } }, then: pod }],
            properties: { template, jobTemplate }
          }
        }
      }
    }
  }
}

const noPrivileges = podRule(
  everyContainer({
    properties: { securityContext: { properties: { privileged: { const: false } } } }
  })
)
const noHostNamespaces = podRule({
  properties: {
    hostNetwork: { const: false },
    hostPID: { const: false },
    hostIPC: { const: false }
  }
})
/** The constraint of gatekeeper-library leaves hostNetwork to another template. */
const noHostProcesses = podRule({
  properties: { hostPID: { const: false }, hostIPC: { const: false } }
})
const noHostPaths = podRule({
  properties: { volumes: { items: { not: { required: ['hostPath'] } } } }
})
const noLatest = { images: { forbiddenTags: ['latest'] } }
const byDigest = { images: { pinnedBy: ['digest'] } }
const memoryLimits = { resources: { requests: ['cpu', 'memory'], limits: ['memory'] } }

function gatekeeper(policy: string, id: string, rule: JsonObject, kinds = pods): Pair {
  return { peer: 'gatekeeper', policy: `library/${policy}`, id, rule, kinds }
}

/** The file of a policy has the name of its folder, and most policies have it too. */
function kyverno(policy: string, rule: JsonObject, named?: string): Pair {
  const folder = policy.split('/').at(-1) ?? ''
  const file = `${policy}/${folder}.yaml`
  return { peer: 'kyverno', policy: file, id: named ?? folder, rule, kinds: controllers }
}

function podSecurity(id: string, rule: JsonObject): Pair {
  return { peer: 'pod-security', policy: id, id, rule, kinds: pods }
}

/** Every policy of the corpora that can be said with a rule of ours. */
export const pairs: readonly Pair[] = [
  podSecurity('privileged', noPrivileges),
  podSecurity('hostNamespaces', noHostNamespaces),
  podSecurity('hostPathVolumes', noHostPaths),
  gatekeeper(
    'general/allowedrepos/samples/repo-must-be-openpolicyagent',
    'repo-is-openpolicyagent',
    {
      images: { registries: ['docker.io/openpolicyagent'] }
    }
  ),
  gatekeeper(
    'general/disallowedtags/samples/container-image-must-not-have-latest-tag',
    'container-image-must-not-have-latest-tag',
    noLatest
  ),
  gatekeeper(
    'general/imagedigests/samples/container-image-must-have-digest',
    'container-image-must-have-digest',
    byDigest
  ),
  gatekeeper('general/requiredlabels/samples/verify-label-key-only', 'must-have-pizza', {
    labels: { required: [{ key: 'pizza' }] }
  }),
  gatekeeper(
    'general/requiredlabels/samples/all-must-have-owner',
    'all-must-have-owner',
    {
      schema: {
        schema: {
          properties: {
            metadata: {
              required: ['labels'],
              properties: {
                labels: {
                  required: ['owner'],
                  properties: { owner: { pattern: '^[a-zA-Z]+.agilebank.demo$' } }
                }
              }
            }
          }
        }
      }
    },
    ['Namespace']
  ),
  gatekeeper(
    'general/containerresources/samples/container-must-have-cpu-requests-memory-limits-and-requests',
    'container-must-have-cpu-requests-memory-limits-and-requests',
    memoryLimits
  ),
  gatekeeper(
    'general/containerresources/samples/container-must-have-limits-and-requests',
    'container-must-have-limits-and-requests',
    { resources: { requests: ['cpu', 'memory'], limits: ['cpu', 'memory'] } }
  ),
  gatekeeper(
    'pod-security-policy/privileged-containers/samples/psp-privileged-container',
    'psp-privileged-container',
    noPrivileges
  ),
  gatekeeper(
    'pod-security-policy/host-namespaces/samples/psp-host-namespace',
    'psp-host-namespace',
    noHostProcesses
  ),
  kyverno('best-practices/disallow-latest-tag', noLatest),
  kyverno('best-practices/require-labels', {
    labels: { required: [{ key: 'app.kubernetes.io/name' }] }
  }),
  kyverno('best-practices/require-pod-requests-limits', memoryLimits, 'require-requests-limits'),
  kyverno('best-practices/restrict-image-registries', {
    images: { registries: ['eu.foo.io', 'bar.io'] }
  }),
  kyverno('other/require-image-checksum', byDigest),
  kyverno('pod-security/baseline/disallow-privileged-containers', noPrivileges),
  kyverno('pod-security/baseline/disallow-host-namespaces', noHostNamespaces),
  kyverno('pod-security/baseline/disallow-host-path', noHostPaths)
]
