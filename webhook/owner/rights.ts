import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** A right on the node that something in an object gives, or the account that it runs as. */
export interface Right {
  /** As Kubernetes writes field paths. */
  readonly field: string
  /** The same for the same right, wherever it is given: `privileged`, `hostPath /var/run`, `account trainer`. */
  readonly name: string
}

/** The name of an account begins with this. */
export const accountRight = 'account '

/** More than any real object; the rest counts as a right that nobody has. */
const maxValues = 100_000

/**
 * Returns the rights on a node that an object gives, wherever pod specs are in it: privileged containers,
 * namespaces and paths of the host, and added capabilities; and accounts but for `default`.
 *
 * @param isPassed true for an image whose containers may have rights of their own
 */
export function rightsOf(
  object: JsonObject,
  isPassed: (image: string) => boolean = () => false
): readonly Right[] {
  const rights: Right[] = []
  const pending = Object.entries(object)
    .filter(([key]) => key !== 'metadata' && key !== 'status')
    .map(([key, value]) => ({ field: key, key, value }))
  for (let left = maxValues; left > 0; left -= 1) {
    const next = pending.pop()
    if (next === undefined) return rights
    const { field, key, value } = next
    rights.push(...given(key, value).map(name => ({ field, name })))
    if (isJsonArray(value)) {
      pending.push(...value.map((each, at) => ({ field: `${field}[${at}]`, key: '', value: each })))
    } else if (isJsonObject(value)) {
      const { image } = value
      const isOwn = typeof image === 'string' && isPassed(image)
      const members = Object.entries(value).filter(([name]) => !isOwn || name !== 'securityContext')
      pending.push(
        ...members.map(([name, each]) => ({ field: `${field}.${name}`, key: name, value: each }))
      )
    }
  }
  return [...rights, { field: 'spec', name: 'more than can be judged' }]
}

const accounts = new Set(['serviceAccountName', 'serviceAccount'])
const flags = new Set(['privileged', 'hostNetwork', 'hostPID', 'hostIPC'])

function given(key: string, value: JsonValue): readonly string[] {
  if (flags.has(key)) return value === true ? [key] : []
  if (accounts.has(key)) {
    const isNamed = typeof value === 'string' && value !== '' && value !== 'default'
    return isNamed ? [`${accountRight}${value}`] : []
  }
  if (key === 'hostPath') {
    const path = member(value, 'path')
    return typeof path === 'string' ? [`hostPath ${path}`] : []
  }
  const added = key === 'capabilities' ? member(value, 'add') : undefined
  if (!isJsonArray(added)) return []
  return added.flatMap(name => (typeof name === 'string' ? [`capability ${name}`] : []))
}
