import { Fault } from '../../common/fault.ts'
import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { ApiClient } from '../kubernetes/api-client.ts'
import { isApiFault } from '../kubernetes/api-fault.ts'
import type { Resource } from '../kubernetes/resource.ts'
import type { BundleStore, VersionedBundle } from './stores.ts'

/** Webhook configurations, of which the API server reads whom to trust. */
export const webhookConfigurations: Resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration'
}

/**
 * The `caBundle` of those webhooks of a ValidatingWebhookConfiguration that call one of our names; the
 * others are left alone, and so is everything else in ours.
 */
export class WebhookBundleStore implements BundleStore {
  readonly #client: ApiClient
  readonly #name: string
  readonly #names: readonly string[]
  #ours: readonly number[] = []

  /**
   * @param name of the configuration
   * @param names of our certificate: `mlgitops-webhook.mlgitops-system.svc`, or the host of a `url`
   */
  constructor(client: ApiClient, name: string, names: readonly string[]) {
    this.#client = client
    this.#name = name
    this.#names = names
  }

  /** @throws {Fault} `WEBHOOK_CONFIGURATION` where none of its webhooks calls us */
  async read(): Promise<VersionedBundle> {
    const { body, resourceVersion } = await this.#client.get(webhookConfigurations, {
      name: this.#name
    })
    const webhooks = member(body, 'webhooks')
    const all: readonly JsonValue[] = isJsonArray(webhooks) ? webhooks : []
    const configs = all.map(webhook => member(webhook, 'clientConfig'))
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
    const bundles = new Set(this.#ours.map(index => stringMember(configs[index], 'caBundle') ?? ''))
    // Where they differ, nothing is published: all of them are written.
    const [bundle = ''] = bundles.size === 1 ? bundles : []
    return { bundlePem: Buffer.from(bundle, 'base64').toString(), version: resourceVersion }
  }

  async write(bundlePem: string, version: string | undefined): Promise<boolean> {
    const value = Buffer.from(bundlePem).toString('base64')
    try {
      await this.#client.patch(webhookConfigurations, { name: this.#name }, [
        // Other than the newest version it is a conflict: the numbers below are of what was read.
        { op: 'replace', path: '/metadata/resourceVersion', value: version ?? '' },
        ...this.#ours.map((index): JsonObject => {
          const path = `/webhooks/${index}/clientConfig/caBundle`
          return { op: 'add', path, value }
        })
      ])
      return true
    } catch (error) {
      if (isApiFault(error, 'KUBERNETES_CONFLICT')) return false
      throw error
    }
  }
}

/** The name that the API server expects in the certificate of what it calls. */
function calledName(config: JsonValue | undefined): string {
  const url = stringMember(config, 'url')
  if (url !== undefined) return URL.canParse(url) ? new URL(url).hostname : ''
  const service = member(config, 'service')
  const [name, namespace] = [stringMember(service, 'name'), stringMember(service, 'namespace')]
  return name === undefined || namespace === undefined ? '' : `${name}.${namespace}.svc`
}
