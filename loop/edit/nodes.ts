import { EVENT_ID, getScalarValue, parseEvents, YAMLException } from 'js-yaml'
import type { AliasEvent, Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml'
import { Fault } from '../../common/fault.ts'
import { describePosition, positionAt } from '../../common/yaml/source-text.ts'

/** A node of a YAML text with its position, and the decoded text of a scalar. */
export type Node =
  | { readonly kind: 'scalar'; readonly event: ScalarEvent; readonly text: string }
  | { readonly kind: 'alias'; readonly event: AliasEvent }
  | { readonly kind: 'mapping'; readonly event: MappingEvent; readonly entries: readonly Entry[] }
  | { readonly kind: 'sequence'; readonly event: SequenceEvent; readonly items: readonly Node[] }

/** A key and its value. */
export interface Entry {
  readonly key: Node
  readonly value: Node
}

/** A text and the root of each of its documents. */
export interface ParsedFile {
  readonly text: string
  readonly events: readonly Event[]
  readonly documents: readonly Node[]
  /** Names of the anchors that an alias refers to. */
  readonly aliased: ReadonlySet<string>
}

const maxDepth = 200

/**
 * Parses the nodes of a file that people wrote. Positions are those of the text as it is, a byte order mark
 * included.
 *
 * @throws {Fault} `YAML_INVALID` with file, line and column
 */
export function parseFile(text: string, file: string): ParsedFile {
  const readable = text.replace(/^\uFEFF/, '\n')
  try {
    const events = parseEvents(readable, { maxDepth })
    const reader = new NodeReader(readable, events)
    const documents: Node[] = []
    while (reader.hasDocument()) documents.push(reader.readDocument())
    return { text, events, documents, aliased: reader.aliased }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const where = describePosition(file, positionAt(text, error.mark?.position ?? 0))
    throw new Fault('YAML_INVALID', 'not valid YAML, so no field of it can be set', {
      where,
      remedy:
        'A template with control blocks is not YAML: set a field of a value file in place of it.'
    })
  }
}

/** Makes nodes of the parser's events, which are in the order of the text. */
class NodeReader {
  readonly aliased = new Set<string>()
  readonly #text: string
  readonly #events: readonly Event[]
  #next = 0

  constructor(text: string, events: readonly Event[]) {
    this.#text = text
    this.#events = events
  }

  hasDocument(): boolean {
    return this.#events[this.#next]?.type === EVENT_ID.DOCUMENT
  }

  readDocument(): Node {
    this.#next++
    const root = this.#readNode()
    this.#next++
    return root
  }

  #readNode(): Node {
    const event = this.#events[this.#next++]
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return { kind: 'scalar', event, text: getScalarValue(this.#text, event) }
      case EVENT_ID.ALIAS:
        this.aliased.add(this.#text.slice(event.anchorStart, event.anchorEnd))
        return { kind: 'alias', event }
      case EVENT_ID.MAPPING:
        return { kind: 'mapping', event, entries: this.#readEntries() }
      case EVENT_ID.SEQUENCE:
        return { kind: 'sequence', event, items: this.#readItems() }
      default:
        throw new Error('the parser gave a document without a node')
    }
  }

  #readEntries(): Entry[] {
    const entries: Entry[] = []
    while (!this.#isEnd()) entries.push({ key: this.#readNode(), value: this.#readNode() })
    return entries
  }

  #readItems(): Node[] {
    const items: Node[] = []
    while (!this.#isEnd()) items.push(this.#readNode())
    return items
  }

  #isEnd(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false
    this.#next++
    return true
  }
}
