import { YAMLException } from 'js-yaml'
import { Fault } from '../fault.ts'
import { isJsonArray, member } from '../json.ts'
import type { JsonValue } from '../json.ts'
import { Composer } from './compose.ts'
import type { ComposedDocument, ComposeSettings } from './compose.ts'
import { checkInserted } from './inserted.ts'
import type { InsertedSpan } from './inserted.ts'
import { parseText } from './flow-indent.ts'
import { describePosition, lineCounter, positionAt } from './source-text.ts'

/** One YAML document and the line, counted from 1, where its content starts. */
export interface YamlDocument {
  readonly value: JsonValue
  readonly line: number
}

/** Options for reading a text. */
export interface ReadYamlOptions extends ComposeSettings {
  /** The file's name for messages. */
  readonly file: string
  /** Returns the position of an offset, if the text is not the file itself. */
  readonly locate?: (offset: number) => string
  /** Parts of the text that must not leave the node where they stand. */
  readonly inserted?: readonly InsertedSpan[]
  /** Limit on reading again because of indentation, in characters. Default 16 Mi. */
  readonly maxRereadCharacters?: number
}

/** A document and a function that returns its position, which is computed only for a message. */
export interface LocatedDocument {
  readonly value: JsonValue
  readonly where: () => string
  /** The position of a field, or of the nearest field above it that the text has. Reads the text again. */
  readonly whereField?: (path: FieldPath) => string
}

/** Keys, and indices of lists in decimal digits. */
export type FieldPath = readonly string[]

/** CustomResourceDefinitions nest about 60 levels; nothing written by people nests deeper. */
const maxDepth = 200

/** Takes a second or two to read. */
const usualReread = 16 * 1024 * 1024

/**
 * Reads every document of a YAML text like kubectl (YAML 1.1 booleans, octal numbers, no
 * dates, integers exact to 64 bits). Empty documents are null.
 *
 * @throws {Fault} `YAML_INVALID`, `YAML_DUPLICATE_KEY`, `YAML_TOO_LARGE`, with file, line and column
 */
export function locateYaml(text: string, options: ReadYamlOptions): readonly LocatedDocument[] {
  const locate =
    options.locate ?? ((offset: number) => describePosition(options.file, positionAt(text, offset)))
  return read(text, options, locate).map(({ value, offset }, index) => ({
    value,
    where: () => locate(offset),
    whereField: path => locate(fieldOffset(text, options, index, path) ?? offset)
  }))
}

/** Documents are read a second time, so that the positions of all fields are kept only for a message. */
function fieldOffset(
  text: string,
  options: ReadYamlOptions,
  document: number,
  path: FieldPath
): number | undefined {
  const positions = new Map<JsonValue, Map<string, number>>()
  const { maxRereadCharacters = usualReread } = options
  const parsed = parseText(prepared(text), { maxDepth, maxRereadCharacters })
  const documents = new Composer(parsed.text, { ...options, positions }).compose(parsed.events)
  let value = documents[document]?.value
  let offset: number | undefined
  for (const key of path) {
    const found = value === undefined ? undefined : positions.get(value)?.get(key)
    if (found === undefined) break
    offset = parsed.original(found)
    value = isJsonArray(value) ? value[Number(key)] : member(value, key)
  }
  return offset
}

/** Like {@link locateYaml}, with lines instead of functions. */
export function readYaml(text: string, options: ReadYamlOptions): readonly YamlDocument[] {
  const locate =
    options.locate ?? ((offset: number) => describePosition(options.file, positionAt(text, offset)))
  const lineOf = lineCounter(text)
  return read(text, options, locate).map(({ value, offset }) => ({ value, line: lineOf(offset) }))
}

function read(
  text: string,
  settings: ReadYamlOptions,
  locate: (offset: number) => string
): readonly ComposedDocument[] {
  const { maxRereadCharacters = usualReread } = settings
  let reached = () => 0
  try {
    refuseIndentedMarker(text)
    const parsed = parseText(prepared(text), { maxDepth, maxRereadCharacters })
    const { inserted = [] } = settings
    if (inserted.length > 0) {
      checkInserted(parsed.events, inserted, parsed.original, offset => (reached = () => offset))
    }
    const composer = new Composer(parsed.text, settings)
    reached = () => parsed.original(composer.offset)
    return composer
      .compose(parsed.events)
      .map(({ value, offset }) => ({ value, offset: parsed.original(offset) }))
  } catch (error) {
    throw located(error, reached(), offset => locate(Math.min(offset, text.length)))
  }
}

/** The parser reads ` ---` at the start of the text as a document marker, kubectl as text. */
function refuseIndentedMarker(text: string): void {
  if (!/^[ \t]+---(?:\s|$)/.test(text)) return
  throw new Fault('YAML_INVALID', 'the first document marker (---) is indented', {
    remedy: 'Move it to the start of the line.'
  })
}

/** The text as kubectl reads it: its last line ends with a line feed, which matters to block scalars. */
function prepared(text: string): string {
  return withoutMarks(text === '' || text.endsWith('\n') ? text : `${text}\n`)
}

/**
 * Replaces byte order marks at the start of documents by line feeds, which keeps the offsets: files that
 * editors save with a mark are often joined to one.
 */
function withoutMarks(text: string): string {
  if (!text.includes('\uFEFF')) return text
  return text
    .replace(/^\uFEFF/, '\n')
    .replace(/(?<=\n)\uFEFF(?=---(?:\s|$))/g, '\n')
    .replace(/(?<=(?:^|\n)(?:---[ \t]*(?:#[^\n]*)?|\.\.\.[ \t]*)\r?\n)\uFEFF/g, '\n')
}

/** Keeps only the reason of a parser error: its snippet could show a secret. */
function located(error: unknown, offset: number, locate: (offset: number) => string): unknown {
  if (error instanceof YAMLException) {
    const where = locate(error.mark?.position ?? offset)
    // A password can look like a tag: `!hunter2` without quotes.
    const reason = error.reason.replace(
      /(?<=such characters): .*|(?<=undeclared tag handle) .*/s,
      ''
    )
    return new Fault('YAML_INVALID', `not valid YAML: ${reason}`, { where })
  }
  if (error instanceof Fault && error.details.where === undefined) {
    return new Fault(error.code, error.message, { ...error.details, where: locate(offset) })
  }
  return error
}
