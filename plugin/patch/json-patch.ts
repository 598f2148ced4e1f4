import { apply_patch } from 'jsonpatch'
import { Fault, bound } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, stringifyJson } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { arrayIndex, parsePointer, valueAt } from '../json-pointer.ts'
import type { Operation } from './patch.ts'

/**
 * JSON Patch, RFC 6902. All operations apply, or none does; neither argument is changed.
 *
 * The library `jsonpatch` edits the document. What it does not check is checked here before each
 * operation, see docs/decisions/0010-patches.md.
 *
 * @throws {Fault} `PATCH_FAILED` with the operation that failed, counted from 0
 */
export function jsonPatch(target: JsonObject, operations: readonly Operation[]): JsonObject {
  const patching = new Patching(target)
  for (const [index, operation] of operations.entries()) {
    try {
      patching.apply(operation)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { op, path, from } = operation
      const source = from === undefined ? '' : ` from ${bound(from, 200)}`
      throw new Fault('PATCH_FAILED', `JSON patch operation ${index} failed: ${error.message}`, {
        found: `${op} ${bound(path, 200)}${source}`
      })
    }
  }
  if (isJsonObject(patching.document)) return patching.document
  throw new Fault('PATCH_FAILED', 'the patched document must be an object')
}

/** Why an operation does not apply. */
class Refusal extends Error {}

/** Each `copy` of a container into itself doubles it: 40 of them would fill any memory. */
const maxCopiedValues = 100_000
/** As in the YAML that we read: code that walks deeper values would overflow the stack. */
const maxDepth = 200

/** A document under the operations of one patch. */
class Patching {
  document: JsonValue
  #copiedValues = 0

  constructor(document: JsonValue) {
    this.document = document
  }

  apply({ op, path, from, value }: Operation): void {
    checkPointer(path)
    switch (op) {
      case 'add':
        this.#add(path, required(value, 'value'))
        break
      case 'replace':
        this.#existing(path)
        this.#put({ op, path, value: required(value, 'value') })
        break
      case 'remove':
        this.#existing(path)
        this.#remove(path)
        break
      case 'move':
        this.#move(required(from, 'from'), path)
        break
      case 'copy':
        this.#add(path, this.#counted(this.#existing(required(from, 'from'))))
        break
      case 'test':
        // The library takes any two objects for equal, and null and an object.
        if (textOf(this.#existing(path)) !== textOf(required(value, 'value')))
          throw new Refusal('the value at the path differs')
    }
  }

  #edit(operation: Operation): void {
    this.document = apply_patch(this.document, [operation])
  }

  #put(operation: Operation & { readonly value: JsonValue }): void {
    checkDepth(operation.value, checkPointer(operation.path).length)
    this.#edit(operation)
  }

  #existing(pointer: string): JsonValue {
    const value = valueAt(this.document, checkPointer(pointer))
    if (value === undefined) throw new Refusal(`${bound(pointer, 200)} does not exist`)
    return value
  }

  #add(path: string, value: JsonValue): void {
    const last = checkPointer(path).at(-1)
    if (last !== undefined) {
      // The library ignores an `add` below a string, a number or a boolean, and throws below null.
      const parent = path.slice(0, path.lastIndexOf('/'))
      const container = this.#existing(parent)
      if (isJsonArray(container)) checkInsertion(last, container.length)
      else if (!isJsonObject(container))
        throw new Refusal(`${bound(parent, 200)} is neither an object nor a list`)
    }
    this.#put({ op: 'add', path, value })
  }

  #remove(path: string): void {
    if (path === '') throw new Refusal('the whole document cannot be removed')
    this.#edit({ op: 'remove', path })
  }

  /** A `remove`, then an `add` to what is left: RFC 6902 section 4.4. */
  #move(from: string, path: string): void {
    const value = this.#existing(from)
    if (path === from) return
    if (path.startsWith(`${from}/`)) throw new Refusal('a value cannot be moved into itself')
    this.#remove(from)
    this.#add(path, value)
  }

  #counted(value: JsonValue): JsonValue {
    const pending = [value]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (++this.#copiedValues > maxCopiedValues)
        throw new Refusal(`the patch copies more than ${maxCopiedValues} values`)
      if (typeof next !== 'object' || next === null) continue
      for (const inner of Object.values<JsonValue>(next)) pending.push(inner)
    }
    return value
  }
}

/** Its reference tokens. */
function checkPointer(pointer: string): readonly string[] {
  const tokens = parsePointer(pointer)
  if (tokens === undefined)
    throw new Refusal(`${JSON.stringify(bound(pointer, 200))} is not a JSON Pointer`)
  if (tokens.includes('__proto__')) throw new Refusal('the key "__proto__" is not accepted')
  return tokens
}

/** @param depth of the value in the document: 0 is the document itself */
function checkDepth(value: JsonValue, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth >= maxDepth) throw new Refusal(`the document would nest more than ${maxDepth} levels`)
  for (const inner of Object.values<JsonValue>(value)) checkDepth(inner, depth + 1)
}

function checkInsertion(token: string, length: number): void {
  if (token === '-') return
  const index = arrayIndex(token)
  if (index === undefined)
    throw new Refusal(`${JSON.stringify(bound(token, 80))} is not an array index`)
  if (index > length) throw new Refusal(`index ${bound(token, 80)} is beyond the end of the list`)
}

function required<Value>(value: Value | undefined, name: 'from' | 'value'): Value {
  if (value === undefined) throw new Refusal(`"${name}" is missing`)
  return value
}

/** Equal values have equal texts: RFC 6902 section 4.6, big integers included. */
function textOf(value: JsonValue): string {
  return stringifyJson(value, { sortKeys: true })
}
