import { isJsonArray, isJsonObject } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { parseQuantity } from '../quantity.ts'
import type { Segment } from './place.ts'

/** Maps of quantities, and members that are one (k8s.io/api core/v1: `resource.Quantity`). */
const quantityMaps: ReadonlySet<string> = new Set(['requests', 'limits', 'overhead', 'capacity'])
const quantities: ReadonlySet<string> = new Set(['sizeLimit', 'divisor'])

/**
 * Whether two values that differ are the same quantity: the API server writes `1000m` as `1` and `1024Mi`
 * as `1Gi` in the kinds that it has types for (apimachinery pkg/api/resource, `Quantity.MarshalJSON`), and
 * so do webhooks of operators. The holder is the closest member that the value is in.
 */
export function isSameQuantity(
  { name, holder }: { readonly name: Segment; readonly holder: string },
  rendered: JsonValue | undefined,
  found: JsonValue | undefined
): boolean {
  const isOne = quantityMaps.has(holder) || (typeof name === 'string' && quantities.has(name))
  if (!isOne) return false
  const quantity = quantityOf(rendered)
  return quantity !== undefined && quantity === quantityOf(found)
}

function quantityOf(value: JsonValue | undefined): bigint | undefined {
  if (typeof value === 'number') return parseQuantity(String(value))
  return typeof value === 'string' ? parseQuantity(value) : undefined
}

/** Booleans and numbers of Kubernetes' types that are not pointers: `false` and 0 are written as nothing. */
const zeros: ReadonlySet<string> = new Set([
  ...['readOnly', 'stdin', 'stdinOnce', 'tty', 'hostNetwork', 'hostPID', 'hostIPC', 'paused'],
  ...['chapAuthDiscovery', 'chapAuthSession', 'sslEnabled'],
  ...['hostPort', 'initialDelaySeconds', 'minReadySeconds']
])

/** Texts that are pointers in Kubernetes' types: there, an empty one is not the same as none. */
const textPointers: ReadonlySet<string> = new Set(['storageClassName', 'volumeAttributesClassName'])

/** Structs of Kubernetes' types in which nothing set is the same as the struct being absent. */
const emptyStructs: ReadonlySet<string> = new Set([
  ...['metadata', 'status', 'resources', 'securityContext', 'strategy', 'updateStrategy'],
  ...['nodeSelector', 'labels', 'annotations', 'affinity', 'emptyDir', 'overhead', 'limits'],
  ...['requests', 'dnsConfig']
])

/**
 * Whether a value says the same as its absence. Go drops empty texts, lists and maps, and adds structs that
 * are empty; in a custom resource, an empty object can switch something on, so that only the structs
 * that Kubernetes' types have count there.
 */
export function isVoid(value: JsonValue | undefined, name: string, isCustom: boolean): boolean {
  if (value === undefined || value === null) return true
  if (value === '') return !textPointers.has(name)
  if (value === false || value === 0) return zeros.has(name)
  if (isJsonArray(value)) return value.length === 0
  if (!isJsonObject(value) || Object.keys(value).length > 0) return false
  return !isCustom || emptyStructs.has(name)
}
