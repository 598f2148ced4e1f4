/** What an annotation of a pod tells an admission webhook to put into it. */
export type Injection =
  | { readonly take: 'image' | 'model' }
  /** A text or a word: see `OpaqueKind`. */
  | { readonly take: 'text' | 'bound' | 'remote'; readonly reason: string }

const image = { take: 'image' } as const
const patch = { take: 'text', reason: 'patches what a webhook injects' } as const
const containers = { take: 'text', reason: 'holds containers that a webhook injects' } as const
const version = { take: 'bound', reason: 'chooses the version of an injected image' } as const
const template = { take: 'bound', reason: 'chooses what a webhook injects' } as const

/** Annotations of pods that make a webhook of the project add or change a container. */
const annotations: ReadonlyMap<string, Injection> = new Map<string, Injection>([
  // Istio: istio/api annotation/annotations.pb.go; read by its injection templates and
  // pkg/kube/inject/webhook.go, which applies the overrides to the pod.
  ['sidecar.istio.io/proxyImage', image],
  ['sidecar.istio.io/proxyImageType', version],
  ['proxy.istio.io/overrides', containers],
  ['inject.istio.io/templates', template],
  // Vault: vault-k8s agent-inject/agent/annotations.go.
  ['vault.hashicorp.com/agent-image', image],
  ['vault.hashicorp.com/agent-json-patch', patch],
  ['vault.hashicorp.com/agent-init-json-patch', patch],
  // Bank-Vaults: vault-secrets-webhook pkg/common/common.go, and the older names that it still reads.
  ...['vault-image', 'vault-ct-image', 'vault-env-image'].map(
    name => [`vault.security.banzaicloud.io/${name}`, image] as const
  ),
  ...['vault-image', 'vault-ct-image', 'bao-image', 'bao-ct-image', 'secret-init-image'].map(
    name => [`secrets-webhook.security.bank-vaults.io/${name}`, image] as const
  ),
  // Dapr: pkg/injector/annotations/annotations.go.
  ['dapr.io/sidecar-image', image],
  ['dapr.io/component-container', containers],
  // Linkerd: pkg/k8s/labels.go; init-image until linkerd 2.18.
  ['config.linkerd.io/proxy-image', image],
  ['config.linkerd.io/init-image', image],
  ['config.linkerd.io/debug-image', image],
  ['config.linkerd.io/proxy-version', version],
  ['config.linkerd.io/init-image-version', version],
  ['config.linkerd.io/debug-image-version', version],
  // Conjur: cyberark/sidecar-injector pkg/inject/constants.go.
  ['conjur.org/container-image', image],
  // KServe: pkg/constants/constants.go; its pod webhook adds a container that downloads the model.
  ['internal.serving.kserve.io/storage-initializer-sourceuri', { take: 'model' }],
  ['internal.serving.kserve.io/localmodel-sourceuri', { take: 'model' }],
  [
    'internal.serving.kserve.io/storage-spec-param',
    { take: 'bound', reason: 'decides where the model is downloaded from' }
  ],
  [
    'internal.serving.kserve.io/storage-spec-key',
    { take: 'bound', reason: 'decides where the model is downloaded from' }
  ]
])

// Datadog: pkg/clusteragent/admission/mutate/autoinstrumentation; of a LANGUAGE or CONTAINER.LANGUAGE, and of
// the injector itself.
const datadogImage = /^admission\.datadoghq\.com\/(?:[\w.-]+-lib|apm-inject)\.custom-image$/
const datadogVersion = /^admission\.datadoghq\.com\/(?:[\w.-]+-lib|apm-inject)\.version$/

/** Returns what an annotation of a pod has a well-known webhook inject; undefined for any other annotation. */
export function injectionOf(annotation: string): Injection | undefined {
  const known = annotations.get(annotation)
  if (known !== undefined) return known
  if (!annotation.startsWith('admission.datadoghq.com/')) return undefined
  if (datadogImage.test(annotation)) return image
  return datadogVersion.test(annotation) ? version : undefined
}

/** The annotations that name an image, without those of Datadog, whose names have a variable part. */
export const imageAnnotations: readonly string[] = [...annotations]
  .filter(([, { take }]) => take === 'image')
  .map(([name]) => name)
