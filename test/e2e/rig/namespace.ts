import { member } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { expectSuccess } from './api-client.ts'
import { eventually } from './eventually.ts'
import type { Machine } from './machine.ts'

/** Creates a namespace that is deleted at the end of the suite. */
export async function makeNamespace(
  machine: Machine,
  name: string,
  labels: JsonObject = {}
): Promise<string> {
  const { client } = machine.controlPlane
  const at = `/api/v1/namespaces/${name}`
  // An earlier one of that name may still be terminating.
  await eventually(
    async () => {
      const { body } = await client.get(at)
      return member(body.status, 'phase') !== 'Terminating' || undefined
    },
    { what: `namespace ${name} is gone` }
  )
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
  expectSuccess(await client.apply(at, object), `namespace ${name}`)
  machine.atEnd(() => client.remove(at))
  return name
}
