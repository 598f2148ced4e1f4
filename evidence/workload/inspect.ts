import { isJsonArray, isJsonObject, kindOf, stringMember } from '../../common/json.ts'
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
import { walk } from './walk.ts'

/** An image that the object runs; `field` as Kubernetes writes it. */
export interface WorkloadImage {
  readonly field: string
  /** As it stands there: not parsed, not normalised. */
  readonly image: string
}

/** A model that the object loads; `field` as Kubernetes writes it. */
export interface WorkloadModel {
  readonly field: string
  /** As it stands there. */
  readonly uri: string
}

/** A field whose images or models cannot be read from the object. */
export interface OpaqueField {
  readonly field: string
  readonly kind: OpaqueKind
  /** To be read after the field's name. */
  readonly reason: string
}

/** What an object runs. An image or URI with an expression stands in its list and in `opaque`. */
export interface Workload {
  readonly role: WorkloadRole
  readonly scope: WorkloadScope
  readonly images: readonly WorkloadImage[]
  readonly models: readonly WorkloadModel[]
  readonly opaque: readonly OpaqueField[]
}

/**
 * What `object` runs, or undefined for a kind outside of the workload table. Total: whatever the
 * object holds, it throws nothing, and a field of a wrong type is reported as opaque. A `List` is not
 * opened.
 */
export function inspectWorkload(object: JsonObject): Workload | undefined {
  const row = rowOf(object)
  if (row === undefined) return undefined
  const findings: Findings = { images: [], models: [], opaque: new Map() }
  for (const { path, take } of readingsOf(row)) {
    for (const reached of walk(object, path)) {
      if ('obstacle' in reached) conceal(findings, reached.field, malformed(reached.obstacle))
      else collect(findings, take, reached)
    }
  }
  const { images, models, opaque } = findings
  return { role: row.role, scope: row.scope, images, models, opaque: [...opaque.values()] }
}

interface Findings {
  readonly images: WorkloadImage[]
  readonly models: WorkloadModel[]
  /** By field: several paths can stop at the same place. */
  readonly opaque: Map<string, OpaqueField>
}

type Concealment = Pick<OpaqueField, 'kind' | 'reason'>

type Take = 'image' | 'model' | OpaquePlace

function collect(
  findings: Findings,
  take: Take,
  { field, value }: { readonly field: string; readonly value: JsonValue }
): void {
  if (isEmpty(value)) return
  if (typeof take === 'object') {
    if (take.onlyText !== true || typeof value === 'string') conceal(findings, field, take)
    return
  }
  if (typeof value !== 'string') {
    conceal(findings, field, malformed(`${kindOf(value)} where a string is expected`))
    return
  }
  if (take === 'image') findings.images.push({ field, image: value })
  else findings.models.push({ field, uri: value })
  if (isExpression(value)) conceal(findings, field, expression)
}

function conceal(findings: Findings, field: string, { kind, reason }: Concealment): void {
  findings.opaque.set(field, { field, kind, reason })
}

function malformed(obstacle: string): Concealment {
  return { kind: 'malformed', reason: `holds ${obstacle}` }
}

const expression: Concealment = { kind: 'expression', reason: 'is filled in at run time' }

/** Argo Workflows, KServe and Kubeflow Pipelines write `{{name}}`, Tekton and Kubernetes `$(name)`. */
function isExpression(text: string): boolean {
  return text.includes('{{') || text.includes('$(')
}

/** Kubernetes reads an empty value as an absent one; it hides nothing. */
function isEmpty(value: JsonValue): boolean {
  if (value === '' || value === false) return true
  if (isJsonArray(value)) return value.length === 0
  return isJsonObject(value) && Object.keys(value).length === 0
}

function rowOf(object: JsonObject): WorkloadKind | undefined {
  const apiVersion = stringMember(object, 'apiVersion') ?? ''
  const slash = apiVersion.indexOf('/')
  const group = slash < 0 ? '' : apiVersion.slice(0, slash)
  const kind = stringMember(object, 'kind') ?? ''
  return workloadTable.find(row => row.kind === kind && row.group === group)
}

interface Reading {
  readonly path: Path
  readonly take: Take
}

/** Compiled when a kind is first met: a render pays for the kinds that it has. */
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
      `${path}.(initContainers|containers|ephemeralContainers)[].image`,
      `${path}.volumes[].image.reference`
    ]),
    ...containers.map(path => `${path}.image`),
    ...volumes.map(path => `${path}[].image.reference`),
    ...images
  ]
}
