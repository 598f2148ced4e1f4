import { isJsonArray, isJsonObject, kindOf } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type {
  OpaqueKind,
  OpaquePlace,
  WorkloadKind,
  WorkloadPlaces,
  WorkloadRole,
  WorkloadScope
} from './kind.ts'
import { compilePath } from './path.ts'
import type { Path } from './path.ts'
import { workloadTable } from './table.ts'
import { isExhausted, walk } from './walk.ts'
import type { Allowance, ValueNode } from './walk.ts'

/** What an object runs. Fields are Kubernetes field paths; each field occurs at most once. */
export interface Workload {
  readonly role: WorkloadRole
  readonly scope: WorkloadScope
  /** The texts in the object: not parsed, not normalised, including expressions. */
  readonly images: readonly RunText[]
  /** The texts in the object, including expressions. */
  readonly models: readonly RunText[]
  /** Fields of the object that can hide an image or a model. */
  readonly opaque: readonly OpaqueField[]
}

/** An image or a model of an object. */
export class RunText {
  readonly value: string
  readonly node: ValueNode

  constructor(value: string, node: ValueNode) {
    this.value = value
    this.node = node
  }

  /** The Kubernetes field path, built on demand for a finding. */
  get field(): string {
    return this.node.field
  }
}

/** A field whose images or models cannot be read from the object. */
export interface OpaqueField {
  readonly field: string
  readonly kind: OpaqueKind
  /** A predicate that follows the field's name in a message. */
  readonly reason: string
  /** The value of the field. */
  readonly value: JsonValue
}

/**
 * Returns what `object` runs by the workload table, or undefined for a kind outside of it. It never
 * throws: a field of a wrong type is reported as opaque. So is the whole object when more than 2,000
 * values or 100,000 steps are needed; then nothing more is inspected. A `List` is not expanded.
 */
export function inspectWorkload(object: JsonObject): Workload | undefined {
  const row = rowOf(object)
  if (row === undefined) return undefined
  const collected: Collected = { images: [], models: [], opaque: new Map() }
  const allowance: Allowance = { steps: maxSteps, ends: maxEnds }
  for (const { path, take } of readingsOf(row)) {
    if (isExhausted(allowance)) break
    for (const reached of walk(object, path, allowance)) {
      if (reached.obstacle === undefined) collect(collected, take, reached)
      else conceal(collected, reached, malformed(reached.obstacle))
    }
  }
  const { images, models, opaque } = collected
  return { role: row.role, scope: row.scope, images, models, opaque: [...opaque.values()] }
}

/** True if an object of this kind can name something of a kind of place, or hide it. False outside of the table. */
export function canHold(object: JsonObject, what: 'image' | 'model'): boolean {
  const row = rowOf(object)
  if (row === undefined) return false
  return readingsOf(row).some(({ take }) =>
    typeof take === 'object' ? take.kind !== 'local' : take === what
  )
}

/** An Argo workflow with 500 templates needs about 30,000 steps. */
const maxSteps = 100_000
/** More images, models and opaque fields than a real object has; each takes microseconds per rule. */
const maxEnds = 2_000

interface Collected {
  readonly images: RunText[]
  readonly models: RunText[]
  /** By field: several paths can stop at the same field. */
  readonly opaque: Map<string, OpaqueField>
}

type Concealment = Pick<OpaqueField, 'kind' | 'reason'>

type Take = 'image' | 'model' | OpaquePlace

function collect(collected: Collected, take: Take, reached: ValueNode): void {
  const { value } = reached
  if (isEmpty(value)) return
  if (typeof take === 'object') {
    if (take.onlyText !== true || typeof value === 'string') conceal(collected, reached, take)
    return
  }
  if (typeof value !== 'string') {
    conceal(collected, reached, malformed(`${kindOf(value)} where a string is expected`))
    return
  }
  collected[take === 'image' ? 'images' : 'models'].push(new RunText(value, reached))
  if (isExpression(value)) conceal(collected, reached, expression)
}

function conceal(
  collected: Collected,
  { field, value }: { readonly field: string; readonly value: JsonValue },
  { kind, reason }: Concealment
): void {
  collected.opaque.set(field, { field, kind, reason, value })
}

function malformed(obstacle: string): Concealment {
  return { kind: 'malformed', reason: `holds ${obstacle}` }
}

const expression: Concealment = { kind: 'expression', reason: 'is filled in at run time' }

/** Argo Workflows, KServe and Kubeflow Pipelines write `{{name}}`, Tekton and Kubernetes `$(name)`. */
function isExpression(text: string): boolean {
  return text.includes('{{') || text.includes('$(')
}

/** Kubernetes treats an empty value as absent; it hides nothing. */
function isEmpty(value: JsonValue): boolean {
  if (value === '' || value === false) return true
  if (isJsonArray(value)) return value.length === 0
  return isJsonObject(value) && Object.keys(value).length === 0
}

const rows = new Map(workloadTable.map(row => [`${row.group}/${row.kind}`, row]))

function rowOf(object: JsonObject): WorkloadKind | undefined {
  const { apiVersion, kind } = object
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  return rows.get(`${apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')))}/${kind}`)
}

interface Reading {
  readonly path: Path
  readonly take: Take
}

/** Compiled on first use of a kind, so that a render compiles only its kinds. */
const compiled = new WeakMap<WorkloadKind, readonly Reading[]>()

function readingsOf(row: WorkloadKind): readonly Reading[] {
  const known = compiled.get(row)
  if (known !== undefined) return known
  const readings = [
    ...imagePaths(row).map(path => ({ path: compilePath(path), take: 'image' as const })),
    ...(row.models ?? []).map(path => ({ path: compilePath(path), take: 'model' as const })),
    ...(row.opaque ?? []).map(place => ({ path: compilePath(place.path), take: place }))
  ]
  compiled.set(row, readings)
  return readings
}

function imagePaths(places: WorkloadPlaces): string[] {
  const { podSpecs = [], containers = [], volumes = [], images = [] } = places
  return [
    ...podSpecs.flatMap(path => [
      `${path}.(containers|initContainers|ephemeralContainers)[].image`,
      `${path}.volumes[].image.reference`
    ]),
    ...containers.map(path => `${path}.image`),
    ...volumes.map(path => `${path}[].image.reference`),
    ...images
  ]
}
