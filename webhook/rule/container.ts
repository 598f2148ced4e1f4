import type { JsonValue } from '../../common/json.ts'

/** What a container asks for, and what it may use. */
export type ResourcePart = 'requests' | 'limits'

/** A container, and the resources that are given for it. */
export interface Container {
  /** The values that are given for a resource: on the container, or for all of its pod. */
  readonly given: (part: ResourcePart, name: string) => readonly (JsonValue | undefined)[]
  /** Where the resource is written. */
  readonly field: (part: ResourcePart, name: string) => string
}
