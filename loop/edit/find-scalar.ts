import { COLLECTION_STYLE, SCALAR_STYLE } from 'js-yaml'
import type { ScalarEvent } from 'js-yaml'
import { Fault, listNames } from '../../common/fault.ts'
import { describePosition, positionAt } from '../../common/yaml/source-text.ts'
import { fieldPathText } from './field-path.ts'
import type { Node, ParsedFile } from './nodes.ts'

/** A scalar that can be replaced without a change anywhere else. */
export interface FoundScalar {
  readonly event: ScalarEvent
  readonly text: string
  /** Whether it stands in brackets or braces. */
  readonly isInFlow: boolean
  /** The end of its key in the text; undefined for a list item and for a document that is a scalar. */
  readonly keyEnd: number | undefined
}

/** Where a scalar is looked for. */
export interface ScalarPlace {
  readonly file: string
  readonly document: number | undefined
  readonly path: readonly string[]
}

/**
 * Finds the scalar at a path. Refuses what an edit would change in more than this place (anchors that an alias
 * refers to, aliases, merge keys), and what cannot be named clearly (a key twice, several documents).
 *
 * @throws {Fault} `SET_PATH_MISSING`, `SET_AMBIGUOUS`, `SET_SHARED`, `SET_NOT_SCALAR` with file, line and column
 */
export function findScalar(parsed: ParsedFile, place: ScalarPlace): FoundScalar {
  return new Search(parsed, place).find(chooseDocument(parsed, place))
}

function chooseDocument(parsed: ParsedFile, { file, document, path }: ScalarPlace): Node {
  const { documents } = parsed
  if (document !== undefined) {
    const found = documents[document - 1]
    if (found !== undefined) return found
    throw new Fault('SET_PATH_MISSING', `the file has no document ${document}`, {
      where: file,
      found: `${documents.length} documents`
    })
  }
  const [only, ...others] = documents
  if (only !== undefined && others.length === 0) return only
  const having = documents.filter(root => hasPath(root, path))
  const [first, second] = having
  if (first !== undefined && second === undefined) return first
  if (first === undefined) {
    throw new Fault('SET_PATH_MISSING', `no document has ${fieldPathText(path)}`, { where: file })
  }
  throw new Fault('SET_AMBIGUOUS', `${having.length} documents have ${fieldPathText(path)}`, {
    where: file,
    remedy: `Name the document: ${file}#1:${fieldPathText(path)}.`
  })
}

function hasPath(root: Node, path: readonly string[]): boolean {
  let node: Node | undefined = root
  for (const step of path) {
    if (node.kind === 'sequence') node = itemAt(node.items, step)
    else if (node.kind === 'mapping')
      node = node.entries.find(({ key }) => key.kind === 'scalar' && key.text === step)?.value
    else return false
    if (node === undefined) return false
  }
  return true
}

function itemAt(items: readonly Node[], step: string): Node | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(step) ? items[Number(step)] : undefined
}

/** Walks one path and knows where it is, for messages. */
class Search {
  readonly #parsed: ParsedFile
  readonly #place: ScalarPlace
  /** The offset of the last key or item that was found. */
  #reached = 0
  #isInFlow = false
  #keyEnd: number | undefined

  constructor(parsed: ParsedFile, place: ScalarPlace) {
    this.#parsed = parsed
    this.#place = place
  }

  find(root: Node): FoundScalar {
    let node = root
    this.#refuseShared(node)
    for (const [index, step] of this.#place.path.entries()) {
      node = this.#child(node, step, index)
      this.#refuseShared(node)
    }
    if (node.kind !== 'scalar') {
      throw this.#fault('SET_NOT_SCALAR', 'the field is not a single value', {
        found: node.kind === 'mapping' ? 'a mapping' : 'a list',
        remedy: 'Name a field in it.'
      })
    }
    const { event, text } = node
    return { event, text, isInFlow: this.#isInFlow, keyEnd: this.#keyEnd }
  }

  #child(node: Node, step: string, index: number): Node {
    if (node.kind === 'scalar' || node.kind === 'alias') throw this.#missing(index, undefined)
    if (node.event.style === COLLECTION_STYLE.FLOW) this.#isInFlow = true
    if (node.kind === 'sequence') {
      const item = itemAt(node.items, step)
      if (item === undefined) throw this.#missing(index, `a list of ${node.items.length}`)
      this.#keyEnd = undefined
      this.#reached = startOf(item) ?? this.#reached
      return item
    }
    const named = node.entries.filter(({ key }) => key.kind === 'scalar' && key.text === step)
    const [entry, twice] = named
    if (entry === undefined) throw this.#missing(index, keysOf(node), hasMergeKey(node))
    this.#reached = startOf(entry.key) ?? this.#reached
    if (twice !== undefined) {
      throw this.#fault('SET_AMBIGUOUS', `the key ${JSON.stringify(step)} is there twice`, {
        remedy: 'Remove one of them.'
      })
    }
    this.#keyEnd = endOf(entry.key)
    return entry.value
  }

  #refuseShared(node: Node): void {
    const { anchorStart, anchorEnd } = node.event
    if (anchorStart < 0) return
    const name = this.#parsed.text.slice(anchorStart, anchorEnd)
    if (node.kind !== 'alias' && !this.#parsed.aliased.has(name)) return
    this.#reached = anchorStart
    throw this.#fault('SET_SHARED', 'the field is shared by an anchor and its aliases', {
      found: node.kind === 'alias' ? `*${name}` : `&${name}`,
      remedy: 'Write the value where it is used; an edit would change every place of the alias.'
    })
  }

  #missing(index: number, found: string | undefined, isMerged = false): Fault {
    const path = fieldPathText(this.#place.path.slice(0, index + 1))
    return this.#fault('SET_PATH_MISSING', `there is no field ${path}`, {
      ...(found === undefined ? {} : { found }),
      remedy: isMerged
        ? 'A merge key (<<) may bring it: write the field itself once by hand.'
        : 'Add the field by hand once: only fields that are there are set.'
    })
  }

  #fault(code: string, message: string, details: { found?: string; remedy?: string }): Fault {
    const { file } = this.#place
    const where = describePosition(file, positionAt(this.#parsed.text, this.#reached))
    return new Fault(code, message, { where, ...details })
  }
}

function keysOf({ entries }: { readonly entries: readonly { readonly key: Node }[] }): string {
  return listNames(entries.flatMap(({ key }) => (key.kind === 'scalar' ? [key.text] : [])))
}

function hasMergeKey(node: Node & { kind: 'mapping' }): boolean {
  return node.entries.some(({ key }) => key.kind === 'scalar' && key.text === '<<')
}

function startOf(node: Node): number | undefined {
  const start =
    node.kind === 'scalar' ? node.event.valueStart : 'start' in node.event ? node.event.start : -1
  return start < 0 ? undefined : start
}

/** The end of a key, its closing quote included. */
function endOf(key: Node): number | undefined {
  if (key.kind !== 'scalar' || key.event.valueEnd < 0) return undefined
  return key.event.style === SCALAR_STYLE.PLAIN ? key.event.valueEnd : key.event.valueEnd + 1
}
