import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from './api-client.ts'
import type { Machine } from './machine.ts'

/** Makes a namespace that goes with the suite. */
export async function makeNamespace(
  machine: Machine,
  name: string,
  labels: JsonObject = {}
): Promise<string> {
  const { client } = machine.controlPlane
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
  expectSuccess(await client.apply(`/api/v1/namespaces/${name}`, object), `namespace ${name}`)
  machine.atEnd(() => client.remove(`/api/v1/namespaces/${name}`))
  return name
}
