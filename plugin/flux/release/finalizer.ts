import { isJsonArray, member } from '../../../common/json.ts'
import type { ApiClient } from '../../../service/kubernetes/api-client.ts'
import { isApiFault } from '../../../service/kubernetes/api-fault.ts'
import type { ApiObject } from '../../../service/kubernetes/api-object.ts'
import { modelReleases } from '../resources.ts'

/** Keeps a ModelRelease until its ExternalArtifacts are deleted. */
const finalizer = 'finalizers.mlgitops.io'

/** Whether a release has the finalizer. */
export function isFinalizedHere(object: ApiObject): boolean {
  return finalizersOf(object).includes(finalizer)
}

/** Adds the finalizer if it is missing. @returns the current object @throws {Fault} `KUBERNETES_*` */
export async function addFinalizer(client: ApiClient, object: ApiObject): Promise<ApiObject> {
  if (isFinalizedHere(object)) return object
  return write(client, object, [...finalizersOf(object), finalizer])
}

/** Removes the finalizer; a release that does not exist any more is fine. @throws {Fault} `KUBERNETES_*` */
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
