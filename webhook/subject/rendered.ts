import type { JsonObject } from '../../common/json.ts'
import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import type { Binding } from '../../evidence/binding/binding.ts'
import { compileExpectation } from '../../evidence/binding/expectation.ts'
import { decodeRendered } from '../../evidence/binding/rendered-object.ts'
import type { EncodedObject } from '../../evidence/binding/rendered-object.ts'

/** The rendered object of a statement, ready to be compared many times. */
export class Rendered {
  readonly object: JsonObject
  readonly #expectations = new Map<Binding, (object: JsonObject) => boolean>()

  constructor(object: JsonObject) {
    this.object = object
  }

  /** As the result of {@link compileExpectation}, which is compiled once. */
  isCertainly(object: JsonObject, binds: Binding): boolean {
    const known = this.#expectations.get(binds)
    if (known !== undefined) return known(object)
    const expectation = compileExpectation(this.object, binds)
    this.#expectations.set(binds, expectation)
    return expectation(object)
  }
}

/** Bytes of JSON. In memory, an object and what both bindings compile of it take 23 times as much: 97 MB. */
const maxKeptBytes = 4 * 1024 * 1024
const maxBytesOfOne = maxKeptBytes / 64

/** By the part of a statement that was verified: nobody but a signer can fill it. It is emptied when it is full. */
const kept = new Map<EncodedObject, Rendered>()
let keptBytes = 0

/**
 * The rendered object of a statement, decoded once while it is kept; undefined for a statement of v1alpha1,
 * which carries none.
 *
 * @throws {Fault} `ATTESTATION_INVALID`
 */
export function renderedObject({ rendered }: StatedFacts): Rendered | undefined {
  if (rendered === undefined) return undefined
  const known = kept.get(rendered)
  if (known !== undefined) return known
  const { object, bytes } = decodeRendered(rendered)
  const value = new Rendered(object)
  if (bytes <= maxBytesOfOne) keep(rendered, value, bytes)
  return value
}

function keep(encoded: EncodedObject, value: Rendered, bytes: number): void {
  if (keptBytes + bytes > maxKeptBytes) {
    kept.clear()
    keptBytes = 0
  }
  kept.set(encoded, value)
  keptBytes += bytes
}
