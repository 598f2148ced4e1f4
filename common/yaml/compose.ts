import { EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml'
import type { Event, MappingEvent, ScalarEvent, SequenceEvent } from 'js-yaml'
import { Fault } from '../fault.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { anchorName, refuseAmbiguous } from './ambiguous.ts'
import { applyMerges, mergeSources, refuseLateMerge } from './merge-key.ts'
import type { ScalarStyles } from './scalar-styles.ts'
import { resolvePlainKey, resolveTagged, resolveValue } from './scalar.ts'

/** Reads scalars with a mark that the caller put into the text, such as a template's values. */
export interface MarkedScalars {
  /** A character that no other scalar contains. */
  readonly mark: string
  /** Returns the value of a scalar with the mark; `isPlain` is true without quotes. */
  value(text: string, isPlain: boolean): JsonValue
  /** The same as a mapping key. */
  key(text: string): string
}

/** How scalars are read. */
export interface ComposeSettings {
  readonly marked?: MarkedScalars
  /**
   * Keys are literal text. Kubernetes reads the key `n` as "false"; a file that Kubernetes does not
   * read, such as a bias audit with its counts `n`, means the letter.
   */
  readonly literalKeys?: boolean
  /**
   * How plain scalars are read: by default like kubectl; `core` like kustomize and kpt, to which `yes` and
   * `on` are strings, also as keys.
   */
  readonly schema?: 'kubectl' | 'core'
  /** Integers of up to 64 bits keep their digits, not only int64; with `all`, others do or are refused. */
  readonly exactNumbers?: 'integers' | 'all'
  /** Plain scalars that are strings whatever they look like, such as a commit of digits only. */
  readonly texts?: ReadonlySet<string>
  /** Receives the offset of each key and item, by the object or list that contains it. */
  readonly positions?: Map<JsonValue, Map<string, number>>
  /** Receives how scalars are written. */
  readonly styles?: ScalarStyles
}

/** One document's value and where it starts, as an offset into the text. */
export interface ComposedDocument {
  readonly value: JsonValue
  readonly offset: number
}

type MutableObject = Record<string, JsonValue>

interface Frame {
  readonly kind: 'document' | 'sequence' | 'mapping'
  readonly offset: number
  readonly anchor: string | undefined
  readonly items: JsonValue[]
  readonly members: MutableObject
  readonly merges: JsonObject[]
  /** The key whose value comes next; undefined between pairs. */
  key: string | undefined
  keyOffset: number
  isMergeKey: boolean
  /** Nodes in this subtree, aliases expanded. */
  nodes: number
}

interface Anchored {
  readonly value: JsonValue
  readonly nodes: number
}

const maxAliasedNodes = 100_000

/**
 * Turns js-yaml's events into JSON values as kubectl would, without an intermediate tree.
 * Stricter than kubectl in three points: duplicate keys, `__proto__` and unknown tags are refused.
 */
export class Composer {
  readonly documents: ComposedDocument[] = []
  /** Offset of the current event, for the caller's faults. */
  offset = 0
  readonly #text: string
  readonly #marked: MarkedScalars | undefined
  readonly #settings: ComposeSettings
  readonly #stack: Frame[] = []
  readonly #anchors = new Map<string, Anchored>()
  #aliasedNodes = 0
  /** Offset at which the content of the current document starts. */
  #documentOffset = 0

  constructor(text: string, settings: ComposeSettings) {
    this.#text = text
    this.#marked = settings.marked
    this.#settings = settings
  }

  /** @throws {Fault} `YAML_INVALID`, `YAML_DUPLICATE_KEY`, `YAML_TOO_LARGE` */
  compose(events: readonly Event[]): readonly ComposedDocument[] {
    for (const event of events) this.#read(event)
    return this.documents
  }

  #read(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        this.#anchors.clear()
        this.#open('document', undefined)
        break
      case EVENT_ID.SEQUENCE:
        this.#openCollection('sequence', event)
        break
      case EVENT_ID.MAPPING:
        this.#openCollection('mapping', event)
        break
      case EVENT_ID.SCALAR:
        this.#scalar(event)
        break
      case EVENT_ID.ALIAS:
        this.offset = event.anchorStart
        this.#alias(this.#text.slice(event.anchorStart, event.anchorEnd))
        break
      default:
        this.#close()
    }
  }

  #open(kind: Frame['kind'], anchor: string | undefined): void {
    const { offset } = this
    this.#stack.push({
      kind,
      offset,
      anchor,
      items: [],
      members: {},
      merges: [],
      key: undefined,
      keyOffset: 0,
      isMergeKey: false,
      nodes: 1
    })
  }

  #openCollection(kind: 'sequence' | 'mapping', event: SequenceEvent | MappingEvent): void {
    this.offset = event.start
    if (event.tagStart !== -1) this.#checkCollectionTag(event)
    this.#expectValuePlace()
    const anchor = this.#anchorOf(event)
    if (anchor !== undefined) this.#anchors.delete(anchor)
    this.#open(kind, anchor)
  }

  #checkCollectionTag(event: SequenceEvent | MappingEvent): void {
    const tag = this.#text.slice(event.tagStart, event.tagEnd)
    if (!/^!(?:!(?:map|seq|set|omap|pairs))?$/.test(tag)) resolveTagged(tag, '', {})
  }

  #scalar(event: ScalarEvent): void {
    this.offset = event.valueStart
    const text = getScalarValue(this.#text, event)
    const isPlain = event.style === SCALAR_STYLE.PLAIN
    const frame = this.#stack.at(-1)
    refuseAmbiguous(this.#text, event, frame?.offset ?? 0)
    if (frame !== undefined) this.#settings.styles?.keep(frame, text, event.style)
    if (frame?.kind === 'mapping' && frame.key === undefined) this.#key(frame, event, text)
    else this.#add(this.#value(event, text, isPlain), 1, this.#anchorOf(event))
  }

  #value(event: ScalarEvent, text: string, isPlain: boolean): JsonValue {
    const marked = this.#marked
    if (marked !== undefined && text.includes(marked.mark)) {
      if (event.tagStart === -1) return marked.value(text, isPlain)
      return resolveTagged(this.#tagOf(event), marked.key(text), this.#settings)
    }
    if (event.tagStart !== -1) return resolveTagged(this.#tagOf(event), text, this.#settings)
    if (!isPlain || this.#settings.texts?.has(text) === true) return text
    return resolveValue(text, this.#settings)
  }

  #tagOf(event: ScalarEvent): string {
    return this.#text.slice(event.tagStart, event.tagEnd)
  }

  #anchorOf(event: ScalarEvent | SequenceEvent | MappingEvent): string | undefined {
    if (event.anchorStart === -1) return undefined
    return anchorName(this.#text.slice(event.anchorStart, event.anchorEnd))
  }

  #key(frame: Frame, event: ScalarEvent, text: string): void {
    const isPlain = event.style === SCALAR_STYLE.PLAIN && event.tagStart === -1
    const key = this.#keyText(text, isPlain)
    frame.isMergeKey = isPlain && text === '<<'
    // Text that a template inserts can be a secret.
    frame.keyOffset = this.offset
    const isInserted = this.#marked !== undefined && text.includes(this.#marked.mark)
    takeKey(frame, key, isInserted ? 'that an expression produces' : JSON.stringify(key))
    const anchor = this.#anchorOf(event)
    if (anchor !== undefined) this.#anchors.set(anchor, { value: key, nodes: 1 })
  }

  #keyText(text: string, isPlain: boolean): string {
    if (this.#marked !== undefined && text.includes(this.#marked.mark))
      return this.#marked.key(text)
    const { literalKeys, texts, schema } = this.#settings
    return isPlain && literalKeys !== true && schema !== 'core' && texts?.has(text) !== true
      ? resolvePlainKey(text)
      : text
  }

  #alias(name: string): void {
    const anchored = this.#anchors.get(name)
    if (anchored === undefined) {
      const isOpen = this.#stack.some(frame => frame.anchor === name)
      throw new Fault(
        'YAML_INVALID',
        isOpen ? 'an anchor contains an alias of itself' : 'an alias of an unknown anchor'
      )
    }
    this.#aliasedNodes += anchored.nodes
    if (this.#aliasedNodes > maxAliasedNodes) {
      throw new Fault('YAML_TOO_LARGE', 'aliases make the document too large', {
        expected: `at most ${maxAliasedNodes} nodes from aliases`
      })
    }
    const frame = this.#stack.at(-1)
    const isKey = frame?.kind === 'mapping' && frame.key === undefined
    // Named by its alias: its text can come from a template.
    if (isKey && typeof anchored.value === 'string') takeKey(frame, anchored.value, `*${name}`)
    else {
      this.#expectValuePlace()
      this.#add(anchored.value, anchored.nodes, undefined)
    }
  }

  #expectValuePlace(): void {
    const frame = this.#stack.at(-1)
    if (frame?.kind === 'mapping' && frame.key === undefined) {
      throw new Fault('YAML_INVALID', 'a list or an object cannot be a mapping key')
    }
  }

  #close(): void {
    const frame = this.#stack.pop()
    if (frame === undefined) return
    if (frame.kind === 'document') {
      this.documents.push({ value: frame.items[0] ?? null, offset: this.#documentOffset })
      return
    }
    this.offset = frame.offset
    if (frame.kind === 'mapping') applyMerges(frame.members, frame.merges)
    this.#add(frame.kind === 'mapping' ? frame.members : frame.items, frame.nodes, frame.anchor)
  }

  #add(value: JsonValue, nodes: number, anchor: string | undefined): void {
    if (anchor !== undefined) this.#anchors.set(anchor, { value, nodes })
    const frame = this.#stack.at(-1)
    if (frame === undefined) return
    frame.nodes += nodes
    if (frame.kind === 'document') this.#documentOffset = this.offset
    if (frame.kind !== 'mapping') {
      this.#keepPosition(frame.items, String(frame.items.length), this.offset)
      frame.items.push(value)
      return
    }
    this.#keepPosition(frame.members, frame.key ?? '', frame.keyOffset)
    if (frame.isMergeKey) {
      const sources = mergeSources(value)
      if (this.#settings.schema !== 'core') refuseLateMerge(frame.members, sources)
      frame.merges.push(...sources)
    } else frame.members[frame.key ?? ''] = value
    frame.key = undefined
    frame.isMergeKey = false
  }

  #keepPosition(container: JsonValue, key: string, offset: number): void {
    const { positions } = this.#settings
    if (positions === undefined) return
    const known = positions.get(container) ?? new Map<string, number>()
    positions.set(container, known.set(key, offset))
  }
}

/**
 * Remembers a key until its value comes.
 *
 * @param shown how a fault names the key
 */
function takeKey(frame: Frame, key: string, shown: string): void {
  if (key === '__proto__') {
    throw new Fault('YAML_INVALID', 'the key "__proto__" is not accepted')
  }
  if (Object.hasOwn(frame.members, key) || (frame.isMergeKey && frame.merges.length > 0)) {
    throw new Fault('YAML_DUPLICATE_KEY', `the key ${shown} is duplicated`, {
      remedy: 'Keep one of the two.'
    })
  }
  frame.key = key
}
