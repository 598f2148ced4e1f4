import { Fault, bound } from '../../../common/fault.ts'
import { isJsonObject, member, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { parsePointer, valueAt } from '../../json-pointer.ts'
import { formOf } from './form.ts'
import { isSchema } from './schema.ts'
import type { Schema } from './schema.ts'

/** Keywords that refer to another schema. */
export const references = ['$ref', '$dynamicRef', '$recursiveRef'] as const

const ownBase = 'schema:/values.schema.json'

/**
 * A schema file with checked keywords and its subschemas by `$id` and anchor. Nothing is fetched:
 * references are resolved in the file only.
 */
export class SchemaDocument {
  /** Every regular expression of the file. */
  readonly patterns = new Set<string>()
  readonly #byUri = new Map<string, Schema>()
  readonly #baseOf = new Map<JsonObject, string>()

  /**
   * @throws {Fault} `VALUES_SCHEMA_INVALID` for a keyword with an invalid argument and for a reference
   *   without a target
   */
  constructor(root: JsonObject) {
    this.#byUri.set(ownBase, root)
    this.#index(root, ownBase)
    // Iteration includes entries that are added meanwhile: references lead to further schemas.
    for (const schema of this.#baseOf.keys()) {
      for (const keyword of references) {
        const target = stringMember(schema, keyword)
        if (target !== undefined) this.resolve(target, schema)
      }
    }
    this.#refuseOverlays()
  }

  /**
   * A dynamic reference equals a plain one unless several schemas have the same dynamic anchor. That is
   * refused: values schemas do not need it, and reading it as a plain reference would be wrong.
   */
  #refuseOverlays(): void {
    const schemas = [...this.#baseOf.keys()]
    const uses = (keyword: string) => schemas.filter(schema => Object.hasOwn(schema, keyword))
    const anchors = uses('$dynamicAnchor').map(schema => schema.$dynamicAnchor)
    const isTwice = new Set(anchors).size < anchors.length
    const recursive = uses('$recursiveAnchor').filter(schema => schema.$recursiveAnchor === true)
    if (isTwice && uses('$dynamicRef').length > 0) throw invalid('duplicate $dynamicAnchor')
    if (recursive.length > 1 && uses('$recursiveRef').length > 0)
      throw invalid('duplicate $recursiveAnchor')
  }

  /**
   * The target of `reference` in the schema `from`.
   *
   * @throws {Fault} `VALUES_SCHEMA_INVALID` if it is not in the file
   */
  resolve(reference: string, from: JsonObject): Schema {
    const uri = URL.parse(reference, this.#baseOf.get(from) ?? ownBase)?.href ?? ''
    const [base = '', fragment = ''] = uri.split('#', 2)
    const known = fragment === '' ? this.#byUri.get(base) : this.#byUri.get(uri)
    const found = known ?? pointTo(this.#byUri.get(base), fragment)
    if (!isSchema(found)) {
      throw invalid(`$ref ${JSON.stringify(bound(reference, 120))} does not exist in the file`)
    }
    if (isJsonObject(found) && !this.#baseOf.has(found)) this.#index(found, base)
    return found
  }

  #index(root: Schema, rootBase: string): void {
    const pending: (readonly [Schema, string])[] = [[root, rootBase]]
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [schema, outer] = next
      if (!isJsonObject(schema) || this.#baseOf.has(schema)) continue
      const base = this.#name(schema, outer)
      this.#baseOf.set(schema, base)
      this.#collectPatterns(schema)
      for (const [keyword, argument] of Object.entries(schema)) {
        const form = formOf(keyword)
        if (form === undefined) continue
        if (!form.fits(argument)) throw invalid(`${keyword}: expected ${form.expected}`)
        for (const inner of form.schemasIn?.(argument) ?? []) pending.push([inner, base])
      }
    }
  }

  #collectPatterns(schema: JsonObject): void {
    const pattern = stringMember(schema, 'pattern')
    if (pattern !== undefined) this.patterns.add(pattern)
    const byPattern = member(schema, 'patternProperties')
    if (isJsonObject(byPattern)) for (const key of Object.keys(byPattern)) this.patterns.add(key)
  }

  /** Registers `$id` and anchors; returns the base URI for references in the schema. */
  #name(schema: JsonObject, outer: string): string {
    const id = stringMember(schema, '$id')
    const base = (id === undefined ? null : URL.parse(id, outer)?.href.split('#')[0]) ?? outer
    if (base !== outer) this.#byUri.set(base, schema)
    // In draft 7 an `$id` that is only a fragment is an anchor.
    const old = id?.startsWith('#') === true ? id.slice(1) : undefined
    for (const anchor of [
      old,
      ...['$anchor', '$dynamicAnchor'].map(at => stringMember(schema, at))
    ])
      if (anchor !== undefined && anchor !== '') this.#byUri.set(`${base}#${anchor}`, schema)
    return base
  }
}

/** The value at a URI fragment that is a JSON Pointer: RFC 6901 section 6. */
function pointTo(from: JsonValue | undefined, fragment: string): JsonValue | undefined {
  const tokens = fragment.startsWith('/') ? parsePointer(decoded(fragment)) : undefined
  return from === undefined || tokens === undefined ? undefined : valueAt(from, tokens)
}

/** The percent-decoded fragment; invalid percent-encoding is kept as text. */
function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    return fragment
  }
}

/** The fault of an invalid schema. */
export function invalid(found: string): Fault<'VALUES_SCHEMA_INVALID'> {
  return new Fault('VALUES_SCHEMA_INVALID', 'the schema is invalid', { found })
}
