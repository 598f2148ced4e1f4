import { isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

/** What identifies the items of a list, and whether their order means something. */
interface ListForm {
  readonly keys: readonly string[]
  readonly isOrdered: boolean
}

const unordered = (...keys: readonly string[]): ListForm => ({ keys, isOrdered: false })
const ordered = (...keys: readonly string[]): ListForm => ({ keys, isOrdered: true })

/**
 * Lists by their name: the merge keys of Kubernetes (`patchMergeKey` and `listMapKey` of its types), and
 * those of lists with named items in other kinds. Init containers run in their order, and a variable
 * can be used by those after it. All other lists are compared by index.
 */
const forms: ReadonlyMap<string, ListForm> = new Map(
  Object.entries({
    containers: unordered('name'),
    initContainers: ordered('name'),
    ephemeralContainers: unordered('name'),
    sidecars: unordered('name'),
    env: ordered('name'),
    volumes: unordered('name'),
    volumeMounts: unordered('mountPath'),
    volumeDevices: unordered('devicePath'),
    ports: unordered('containerPort', 'protocol'),
    imagePullSecrets: unordered('name'),
    hostAliases: unordered('ip'),
    resourceClaims: unordered('name'),
    schedulingGates: unordered('name'),
    topologySpreadConstraints: unordered('topologyKey', 'whenUnsatisfiable'),
    replicatedJobs: unordered('name'),
    workerGroupSpecs: unordered('groupName'),
    templates: unordered('name'),
    workspaces: unordered('name'),
    params: unordered('name'),
    parameters: unordered('name')
  })
)

/** Items that are the same thing, by index; one of the two is undefined for an item of one list only. */
export interface Pair {
  readonly rendered: number | undefined
  readonly found: number | undefined
}

/** How the items of two lists belong together. */
export type Pairing =
  | { readonly kind: 'byIndex' }
  /** `isReordered` if items that both lists have are in another order that means something. */
  | { readonly kind: 'byKey'; readonly pairs: readonly Pair[]; readonly isReordered: boolean }

/** Finds the items of two lists that are the same thing: by their keys, or by index where they have none. */
export function pairItems(
  name: string,
  rendered: readonly JsonValue[],
  found: readonly JsonValue[]
): Pairing {
  const form = forms.get(name)
  if (form === undefined || haveSameKeys(rendered, found, form.keys)) {
    return { kind: 'byIndex' }
  }
  const known = indexByKey(rendered, form.keys)
  const present = indexByKey(found, form.keys)
  if (known === undefined || present === undefined) {
    return { kind: 'byIndex' }
  }
  const pairs: Pair[] = []
  let [last, isReordered] = [-1, false]
  for (const [key, at] of known) {
    const place = present.get(key)
    pairs.push({ rendered: at, found: place })
    if (place === undefined) continue
    if (place < last) isReordered = form.isOrdered
    last = place
  }
  for (const [key, at] of present) {
    if (!known.has(key)) pairs.push({ rendered: undefined, found: at })
  }
  return { kind: 'byKey', pairs, isReordered }
}

/** The usual case, which needs no index. */
function haveSameKeys(
  rendered: readonly JsonValue[],
  found: readonly JsonValue[],
  keys: readonly string[]
): boolean {
  return (
    rendered.length === found.length &&
    rendered.every((item, at) => {
      const key = keyOf(item, keys)
      return key !== undefined && key === keyOf(found[at] ?? null, keys)
    })
  )
}

/** Undefined if an item has no key, or two have the same: the API server's validation refuses most of them. */
function indexByKey(
  items: readonly JsonValue[],
  keys: readonly string[]
): ReadonlyMap<string, number> | undefined {
  const indices = new Map<string, number>()
  for (const [at, item] of items.entries()) {
    const key = keyOf(item, keys)
    if (key === undefined || indices.has(key)) return undefined
    indices.set(key, at)
  }
  return indices
}

function keyOf(item: JsonValue, keys: readonly string[]): string | undefined {
  if (!isJsonObject(item)) return undefined
  const [first = '', ...others] = keys
  const value = member(item, first)
  if (typeof value === 'string' && others.length === 0) return value
  if (typeof value !== 'string' && typeof value !== 'number') return undefined
  return [value, ...others.map(key => textOf(member(item, key), key))].join('\n')
}

/** The API server sets the protocol of a port. */
function textOf(value: JsonValue | undefined, key: string): string {
  if (typeof value === 'string') return value
  return key === 'protocol' ? 'TCP' : ''
}
