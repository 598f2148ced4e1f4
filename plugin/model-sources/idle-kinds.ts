/**
 * Kinds whose objects run nothing and name no model, by API group. A manifest with only these kinds is not
 * part of a model; every other kind is, ConfigMaps and unknown kinds included.
 */
const idleKinds: Readonly<Record<string, readonly string[]>> = {
  '': ['LimitRange', 'Namespace', 'ResourceQuota', 'Service', 'ServiceAccount'],
  'admissionregistration.k8s.io': [
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration'
  ],
  'argoproj.io': ['AppProject', 'Application', 'ApplicationSet'],
  autoscaling: ['HorizontalPodAutoscaler'],
  'autoscaling.k8s.io': ['VerticalPodAutoscaler'],
  'cert-manager.io': ['Certificate', 'ClusterIssuer', 'Issuer'],
  'flagger.app': ['AlertProvider', 'Canary', 'MetricTemplate'],
  'gateway.networking.k8s.io': [
    'BackendTLSPolicy',
    'GRPCRoute',
    'Gateway',
    'GatewayClass',
    'HTTPRoute',
    'ReferenceGrant',
    'TCPRoute',
    'TLSRoute',
    'UDPRoute'
  ],
  'image.toolkit.fluxcd.io': ['ImagePolicy', 'ImageRepository', 'ImageUpdateAutomation'],
  'keda.sh': ['ClusterTriggerAuthentication', 'ScaledObject', 'TriggerAuthentication'],
  'kustomize.toolkit.fluxcd.io': ['Kustomization'],
  'mlgitops.io': ['ModelAnalysis', 'ModelPolicy', 'ModelRelease', 'PolicyException'],
  'monitoring.coreos.com': [
    'PodMonitor',
    'Probe',
    'PrometheusRule',
    'ScrapeConfig',
    'ServiceMonitor'
  ],
  'networking.istio.io': [
    'DestinationRule',
    'Gateway',
    'ServiceEntry',
    'Sidecar',
    'VirtualService'
  ],
  'networking.k8s.io': ['Ingress', 'IngressClass', 'NetworkPolicy'],
  'notification.toolkit.fluxcd.io': ['Alert', 'Provider', 'Receiver'],
  policy: ['PodDisruptionBudget'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'scheduling.k8s.io': ['PriorityClass'],
  'security.istio.io': ['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication'],
  'source.toolkit.fluxcd.io': [
    'Bucket',
    'ExternalArtifact',
    'GitRepository',
    'HelmChart',
    'HelmRepository',
    'OCIRepository'
  ],
  'split.smi-spec.io': ['TrafficSplit']
}

/** A kind by its API group, `''` for the core group. */
export interface GroupKind {
  readonly group: string
  readonly kind: string
}

/** Whether objects of a kind run nothing and name no model. */
export function isIdleKind({ group, kind }: GroupKind): boolean {
  return Object.hasOwn(idleKinds, group) && idleKinds[group]?.includes(kind) === true
}

/** Whether a kind of any API group has this name and is one of {@link isIdleKind}. */
export function isIdleName(kind: string): boolean {
  return idleNames.has(kind)
}

const idleNames = new Set(Object.values(idleKinds).flat())

/** All kinds of {@link isIdleKind}. */
export function allIdleKinds(): readonly GroupKind[] {
  return Object.entries(idleKinds).flatMap(([group, kinds]) => kinds.map(kind => ({ group, kind })))
}
