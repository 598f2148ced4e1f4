import { writeYaml } from '../common/yaml/write.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'
import { workloadTable } from '../evidence/workload/table.ts'
import { defaultControllers } from '../webhook/subject/exemption.ts'

/** The path of the generated file. */
export const webhookConfigurationPath = 'manifests/webhook/validating-webhook-configuration.yaml'

/**
 * Kinds of the core group that carry containers. The configuration does not name the whole group, because
 * a webhook that is asked about every ConfigMap and Event can block the cluster.
 */
const coreResources: Readonly<Record<string, readonly string[]>> = {
  // `*` matches no sub-resource: these two change what a pod runs, and what it may use.
  Pod: ['pods', 'pods/ephemeralcontainers', 'pods/resize'],
  PodTemplate: ['podtemplates'],
  ReplicationController: ['replicationcontrollers']
}

const header = `# Generated from the workload table by \`npm run generate\`.
#
# A namespace takes part with the label mlgitops.io/admission: enabled. The namespaces that a cluster and
# this webhook need to start never take part. Objects without a namespace (ClusterServingRuntime,
# ClusterWorkflowTemplate, ...) are always judged.
#
# The API server does not ask about what Kubernetes' own controllers make of judged objects: while the
# webhook is down, admitted pods are still replaced, rescheduled and scaled.
`

/** Whatever labels they get: these have to start while no webhook answers. */
const neverJudged = ['kube-system', 'kube-public', 'kube-node-lease', 'mlgitops-system']

/** The webhook's own exemption (webhook/subject/exemption.ts) as the API server reads it. */
const notMadeByController = [
  `!(request.userInfo.username in [${defaultControllers.map(name => `'${name}'`).join(', ')}]`,
  `(!has(request.subResource) || request.subResource == '')`,
  `has(object.metadata.ownerReferences)`,
  `object.metadata.ownerReferences.exists(o, has(o.controller) && o.controller))`
].join(' && ')

/** The ValidatingWebhookConfiguration: every kind of the workload table, and RegisteredModel. */
export function webhookConfiguration(): string {
  return (
    header +
    writeYaml({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'mlgitops', labels: { 'app.kubernetes.io/part-of': 'mlgitops' } },
      webhooks: [
        {
          name: 'policies.mlgitops.io',
          admissionReviewVersions: ['v1'],
          clientConfig: {
            service: {
              namespace: 'mlgitops-system',
              name: 'mlgitops-webhook',
              port: 443,
              path: '/validate'
            }
          },
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          matchConditions: [{ name: 'not-made-by-a-controller', expression: notMadeByController }],
          namespaceSelector: {
            matchLabels: { 'mlgitops.io/admission': 'enabled' },
            matchExpressions: [
              { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: neverJudged }
            ]
          },
          objectSelector: {},
          rules: rules(),
          sideEffects: 'None',
          timeoutSeconds: 10
        }
      ]
    })
  )
}

function rules(): readonly JsonObject[] {
  const kinds = workloadTable.filter(({ group }) => group === '').map(({ kind }) => kind)
  const core = kinds.flatMap(kind => {
    const resources = coreResources[kind]
    if (resources === undefined) throw new Error(`no resource is known of the core kind ${kind}`)
    return resources
  })
  const others = new Set(workloadTable.map(({ group }) => group).filter(group => group !== ''))
  return [
    rule('', core, 'Namespaced'),
    ...[...others, 'mlgitops.io'].sort().map(group => rule(group, resourcesOf(group), '*'))
  ]
}

/**
 * Of our own group only the registry: a policy must not stand in the way of its own correction. `*` matches
 * no sub-resource; those whose status is run are named, whether the CRD of today has it or not.
 */
function resourcesOf(group: string): readonly string[] {
  if (group === 'mlgitops.io') return ['registeredmodels']
  const running = workloadTable.flatMap(row => (row.group === group ? (row.status ?? []) : []))
  return ['*', ...running.map(({ resource }) => `${resource}/status`).sort()]
}

function rule(group: string, resources: readonly string[], scope: string): JsonObject {
  const given: Record<string, JsonValue> = {
    apiGroups: [group],
    apiVersions: ['*'],
    operations: ['CREATE', 'UPDATE'],
    resources,
    scope
  }
  return given
}
