import type { AdmissionregistrationV1WebhookClientConfig } from '@kubernetes/client-node'
import { Fault } from '../../common/fault.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { isApiFault } from '../kubernetes/api-fault.ts'
import type { Resource } from '../kubernetes/resource.ts'
import type { BundleStore, VersionedBundle } from './stores.ts'

/** Webhook configurations, from which the API server reads the CAs to trust. */
export const webhookConfigurations: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration'
}

/**
 * The `caBundle` of the webhooks of a ValidatingWebhookConfiguration that call one of our names. Other
 * webhooks and fields are not changed.
 */
export class WebhookBundleStore implements BundleStore {
  readonly #client: ApiClient
  readonly #name: string
  readonly #names: readonly string[]
  #ours: readonly number[] = []

  /**
   * @param name of the configuration
   * @param names in our certificate: `mlgitops-webhook.mlgitops-system.svc`, or the host of a `url`
   */
  constructor(client: ApiClient, name: string, names: readonly string[]) {
    this.#client = client
    this.#name = name
    this.#names = names
  }

  /** @throws {Fault} `WEBHOOK_CONFIGURATION` if none of its webhooks calls us */
  async read(): Promise<VersionedBundle> {
    const { admissionregistration } = this.#client
    const { metadata, webhooks = [] } =
      await admissionregistration.readValidatingWebhookConfiguration({ name: this.#name })
    const configs = webhooks.map(({ clientConfig }) => clientConfig)
    this.#ours = configs.flatMap((config, index) =>
      this.#names.includes(calledName(config)) ? [index] : []
    )
    if (this.#ours.length === 0) {
      throw new Fault(
        'WEBHOOK_CONFIGURATION',
        'no webhook of the configuration calls this service',
        {
          where: `validatingwebhookconfiguration ${this.#name}`,
          found: configs.map(calledName).join(', ') || 'no webhooks',
          expected: this.#names.join(', ')
        }
      )
    }
    const bundles = new Set(this.#ours.map(index => configs[index]?.caBundle ?? ''))
    // If they differ, the bundle counts as not published, and all of them are written.
    const [bundle = ''] = bundles.size === 1 ? bundles : []
    return {
      bundlePem: Buffer.from(bundle, 'base64').toString(),
      version: metadata?.resourceVersion
    }
  }

  async write(bundlePem: string, version: string | undefined): Promise<boolean> {
    const value = Buffer.from(bundlePem).toString('base64')
    try {
      const body = [
        // With another version this is a conflict: the indices below belong to the version that was read.
        { op: 'replace', path: '/metadata/resourceVersion', value: version ?? '' },
        ...this.#ours.map(index => {
          const path = `/webhooks/${index}/clientConfig/caBundle`
          return { op: 'add', path, value }
        })
      ]
      await this.#client.admissionregistration.patchValidatingWebhookConfiguration(
        { name: this.#name, body },
        this.#client.asJsonPatch
      )
      return true
    } catch (error) {
      if (isApiFault(error, 'KUBERNETES_CONFLICT')) return false
      throw error
    }
  }
}

/** Returns the name that the API server expects in the certificate of the service that it calls. */
function calledName({ url, service }: AdmissionregistrationV1WebhookClientConfig): string {
  if (url !== undefined) return URL.canParse(url) ? new URL(url).hostname : ''
  return service === undefined ? '' : `${service.name}.${service.namespace}.svc`
}
