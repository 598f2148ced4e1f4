import { isJsonArray, member } from '../../../common/json.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { isApiFault } from '../../../service/kubernetes/api-fault.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { modelReleases } from '../resources.ts'

/** Keeps a ModelRelease until what it publishes is removed. */
const finalizer = 'finalizers.mlgitops.io'

/** Whether a release waits for us before it goes. */
export function isFinalizedHere(object: ApiObject): boolean {
  return finalizersOf(object).includes(finalizer)
}

/** Writes it where it is not there yet. @returns the object as it is now @throws {Fault} `KUBERNETES_*` */
export async function addFinalizer(client: ApiClient, object: ApiObject): Promise<ApiObject> {
  if (isFinalizedHere(object)) return object
  return write(client, object, [...finalizersOf(object), finalizer])
}

/** Lets a release go; one that is gone already is fine. @throws {Fault} `KUBERNETES_*` */
export async function removeFinalizer(client: ApiClient, object: ApiObject): Promise<void> {
  try {
    const others = finalizersOf(object).filter(each => each !== finalizer)
    await write(client, object, others)
  } catch (error) {
    if (!isApiFault(error, 'KUBERNETES_NOT_FOUND')) throw error
  }
}

function write(
  client: ApiClient,
  { namespace, name, resourceVersion }: ApiObject,
  finalizers: readonly string[]
): Promise<ApiObject> {
  const patch = { metadata: { resourceVersion, finalizers } }
  return client.patch(modelReleases, { namespace, name }, patch)
}

function finalizersOf({ body }: ApiObject): readonly string[] {
  const finalizers = member(member(body, 'metadata'), 'finalizers')
  return isJsonArray(finalizers) ? finalizers.filter(each => typeof each === 'string') : []
}
