import type { JsonObject } from '../../common/json.ts'
import { artifactLocations } from './artifact-uri.ts'
import type { Take } from './collector.ts'
import type { WorkloadKind, WorkloadPlaces } from './kind.ts'
import { compilePath } from './path.ts'
import type { Path } from './path.ts'
import { workloadTable } from './table.ts'

/** A compiled path of a row, and what is at its end: for `search` anything. */
export interface Reading {
  readonly path: Path
  readonly take: Take | 'search'
}

/** The readings of a row, those of the status apart. */
export interface RowReadings {
  readonly always: readonly Reading[]
  readonly ofStatus: readonly Reading[]
}

const rows = new Map(workloadTable.map(row => [`${row.group}/${row.kind}`, row]))
const groups = new Set(workloadTable.map(({ group }) => group).filter(group => group !== ''))

/** Returns the row of an object; undefined for a kind outside of the table. */
export function rowOf(object: JsonObject): WorkloadKind | undefined {
  const { kind } = object
  const group = groupOf(object)
  return group === undefined || typeof kind !== 'string' ? undefined : rows.get(`${group}/${kind}`)
}

/** True for an object of a group that the table has kinds of, the core group aside. */
export function isOfTableGroup(object: JsonObject): boolean {
  return groups.has(groupOf(object) ?? '') && typeof object.kind === 'string'
}

function groupOf({ apiVersion }: JsonObject): string | undefined {
  return typeof apiVersion === 'string'
    ? apiVersion.slice(0, Math.max(0, apiVersion.indexOf('/')))
    : undefined
}

/** Compiled on first use of a kind, so that a render compiles only its kinds. */
const compiled = new WeakMap<WorkloadKind, RowReadings>()

/** Returns the compiled paths of a row. */
export function readingsOf(row: WorkloadKind): RowReadings {
  const known = compiled.get(row)
  if (known !== undefined) return known
  const readings = {
    always: compile(row),
    ofStatus: row.status === undefined ? [] : compile(row.status.places)
  }
  compiled.set(row, readings)
  return readings
}

function compile(places: WorkloadPlaces): readonly Reading[] {
  const { models = [], artifacts = [], opaque = [], searched = [] } = places
  const reading = (path: string, take: Reading['take']) => ({ path: compilePath(path), take })
  return [
    ...imagePaths(places).map(path => reading(path, 'image')),
    ...models.map(path => reading(path, 'model')),
    ...artifacts.map(path => reading(`${path}.${artifactLocations}`, 'artifact')),
    ...opaque.map(place => reading(place.path, place)),
    ...searched.map(path => reading(path, 'search'))
  ]
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
