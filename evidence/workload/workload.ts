import type { JsonValue } from '../../common/json.ts'
import type { OpaqueKind, WorkloadRole, WorkloadScope } from './kind.ts'
import type { ValueNode } from './walk.ts'

/** What an object runs. Fields are Kubernetes field paths; each field occurs at most once. */
export interface Workload {
  readonly role: WorkloadRole
  readonly scope: WorkloadScope
  /** The texts in the object: not parsed, not normalised, including expressions. */
  readonly images: readonly RunText[]
  /** Fields with an image of no characters, in whose place a controller or a webhook can put any. */
  readonly emptyImages?: readonly ValueNode[]
  /** The texts in the object, including expressions; an artifact of Argo Workflows as a URI. */
  readonly models: readonly RunText[]
  /** Fields of the object that can hide an image or a model, or decide what runs. */
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
  /** The value of the field, with the defaults of a reference. */
  readonly value: JsonValue
}
