import type { V1ConfigMap, V1Secret } from '@kubernetes/client-node'
import { Fault } from '../../../common/fault.ts'
import { readSigningKey } from '../../../evidence/attestation/key.ts'
import type { Key } from '../../../evidence/attestation/key.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { isApiFault } from '../../../service/kubernetes/api-fault.ts'
import { readValues } from '../../sources.ts'
import type { ValueFile } from '../../sources.ts'
import type { ModelRelease, ValuesRef } from './model-release.ts'

/** The ConfigMaps and Secrets that a release is rendered with. */
export interface ReleaseInputs {
  readonly valueFiles: readonly ValueFile[]
  readonly key: Key | undefined
  /** Changes when any of them changes. */
  readonly version: string
}

const keyName = 'signing.key'

/**
 * Reads the values and the key that a release refers to. Each object is read by its name and not watched,
 * so that the service account needs no permission to list Secrets.
 *
 * @throws {Fault} `RELEASE_REFERENCE` for a missing object or key, `KEY_*`, `YAML_*`, `VALUES_*`,
 *   `KUBERNETES_*`
 */
export async function readReleaseInputs(
  client: ApiClient,
  namespace: string,
  { valuesFrom, keySecret }: Pick<ModelRelease, 'valuesFrom' | 'keySecret'>
): Promise<ReleaseInputs> {
  const versions: string[] = []
  const valueFiles: ValueFile[] = []
  for (const ref of valuesFrom) {
    const found = await find(client, namespace, ref)
    versions.push(found?.metadata?.resourceVersion ?? '')
    const text = found === undefined ? undefined : textOf(found, ref.kind, ref.valuesKey)
    const file = `${ref.kind} ${ref.name}`
    if (text !== undefined) valueFiles.push({ file, values: readValues(text, file) })
    else if (!ref.isOptional) throw absent(file, ref.valuesKey)
  }
  if (keySecret === undefined) return { valueFiles, key: undefined, version: versions.join() }
  const secret = await find(client, namespace, { kind: 'Secret', name: keySecret })
  const where = `Secret ${keySecret}`
  const pem = secret === undefined ? undefined : textOf(secret, 'Secret', keyName)
  if (pem === undefined) throw absent(where, keyName)
  const key = readSigningKey(pem, where)
  return { valueFiles, key, version: [...versions, key.id].join() }
}

async function find(
  client: ApiClient,
  namespace: string,
  { kind, name }: Pick<ValuesRef, 'kind' | 'name'>
): Promise<V1ConfigMap | V1Secret | undefined> {
  const { core } = client
  try {
    return kind === 'Secret'
      ? await core.readNamespacedSecret({ namespace, name })
      : await core.readNamespacedConfigMap({ namespace, name })
  } catch (error) {
    if (isApiFault(error, 'KUBERNETES_NOT_FOUND')) return undefined
    throw error
  }
}

function textOf(
  { data = {} }: V1ConfigMap | V1Secret,
  kind: ValuesRef['kind'],
  key: string
): string | undefined {
  const text = Object.hasOwn(data, key) ? data[key] : undefined
  return text === undefined || kind === 'ConfigMap' ? text : Buffer.from(text, 'base64').toString()
}

function absent(where: string, key: string): Fault {
  return new Fault('RELEASE_REFERENCE', `the object or its key ${key} does not exist`, {
    where,
    remedy: 'Create it in the namespace of the ModelRelease.'
  })
}
