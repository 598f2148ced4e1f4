import { answerFault } from './api-fault.ts'
import { readApiObject } from './api-object.ts'
import type { ApiObject } from './api-object.ts'
import { readAnswer } from './read-body.ts'
import { describeTarget, pathOf } from './resource.ts'
import type { Resource, Target } from './resource.ts'
import type { Transport } from './transport.ts'

/** An object, and how long its JSON was. */
export interface SizedObject {
  readonly object: ApiObject
  readonly characters: number
}

/**
 * Reads one object of any kind, of the core group as well.
 *
 * @param signal ends the request
 * @throws {Fault} any {@link ApiFaultCode}
 */
export async function readObject(
  transport: Transport,
  resource: Resource,
  { namespace, name = '' }: Pick<Target, 'namespace' | 'name'>,
  signal: AbortSignal
): Promise<SizedObject> {
  const what = `get ${describeTarget(resource, { namespace, name })}`
  const path = `${pathOf(resource, namespace)}/${encodeURIComponent(name)}`
  const request = { method: 'GET', path, accept: 'application/json', what, signal } as const
  const { text, value } = await readAnswer(await transport.open(request), what)
  const object = readApiObject(value)
  if (object !== undefined) return { object, characters: text.length }
  throw answerFault(what, 0, { message: 'the answer has no name and version' })
}
