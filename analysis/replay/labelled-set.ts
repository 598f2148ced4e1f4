import { createHash } from 'node:crypto'
import { Fault, listNames } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { parseJson } from '../../common/parse-json.ts'
import { CsvReader } from '../../evidence/audit/csv.ts'
import { className, isNotANumber } from '../counter/class-name.ts'
import { classText } from '../event/own-event.ts'
import { jsonExcess } from '../json-excess.ts'
import { nestsTooDeep, tooDeep } from './nesting.ts'

/** An item to send, and its true class. */
export interface LabelledItem {
  /** An array, or an object for V1. */
  readonly instance: JsonValue
  readonly label: string
}

/** A labelled set. */
export interface LabelledSet {
  readonly items: readonly LabelledItem[]
  /** Identifies the text of the set. */
  readonly digest: string
}

/** Which columns or fields are the label and the features. */
export interface Columns {
  readonly label: string
  /** Undefined: all but the label. */
  readonly features: readonly string[] | undefined
}

const numberForm = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i

/** Most items of a labelled set. */
export const maxItems = 100_000

/**
 * Reads a labelled set: a JSON array of objects if the text starts with `[`, NDJSON if it starts with `{`,
 * otherwise CSV with a header. Rows are read one by one, because all at once would take many times the
 * memory of the text.
 *
 * @throws {Fault} `DATASET_INVALID`, and `AUDIT_CSV_INVALID` of CSV
 */
export function readLabelledSet(text: string, columns: Columns, name: string): LabelledSet {
  const start = text.trimStart()[0]
  const read = start === '[' ? jsonRows : start === '{' ? lineRows : csvRows
  const items: LabelledItem[] = []
  for (const { row, where } of read(text, name)) {
    if (items.length === maxItems)
      throw invalid(`the labelled set has more than ${maxItems} items`, name)
    items.push(readItem(row, columns, where))
  }
  if (items.length === 0) throw invalid('the labelled set is empty', name)
  return { items, digest: createHash('sha256').update(text).digest('hex').slice(0, 16) }
}

interface LocatedRow {
  readonly row: JsonObject
  readonly where: string
}

function* jsonRows(text: string, name: string): Generator<LocatedRow> {
  const list = parse(text, name)
  if (!isJsonArray(list)) throw invalid('the labelled set is not a JSON array', name)
  for (const [at, row] of list.entries()) yield located(row, `${name}: item ${at + 1}`)
}

function* lineRows(text: string, name: string): Generator<LocatedRow> {
  for (const { number, text: line } of linesOf(text)) {
    if (line.trim() === '') continue
    const where = `${name}:${number}`
    yield located(parse(line, where), where)
  }
}

function* csvRows(text: string, name: string): Generator<LocatedRow> {
  const reader = new CsvReader(name)
  let header: readonly string[] | undefined
  for (const line of linesOf(text.replace(/^\uFEFF/, ''))) {
    const taken = reader.take(line)
    if (taken === undefined) continue
    const { line: number, fields } = taken
    const where = `${name}:${number}`
    if (header === undefined) {
      header = fields
      continue
    }
    if (fields.length !== header.length) {
      throw invalid('a row has a different number of fields than the header', where)
    }
    const pairs = header.map((column, at) => [column, cell(fields[at] ?? '')] as const)
    yield { row: Object.fromEntries(pairs), where }
  }
  reader.end()
}

/** Yields lines without their line ends, numbered from 1. */
function* linesOf(text: string): Generator<{ readonly number: number; readonly text: string }> {
  let from = 0
  for (let number = 1; from <= text.length; number += 1) {
    const found = text.indexOf('\n', from)
    const to = found === -1 ? text.length : found
    yield { number, text: text.slice(from, to).replace(/\r$/, '') }
    from = to + 1
  }
}

/** Reads a cell; one that looks like a number becomes a number. */
function cell(text: string): JsonValue {
  if (!numberForm.test(text)) return text
  const value = Number(text)
  return Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(text)
    ? BigInt(text)
    : value
}

function readItem(row: JsonObject, { label, features }: Columns, where: string): LabelledItem {
  const found = member(row, label)
  const text = found === undefined || found === null || found === '' ? undefined : classText(found)
  if (text === undefined || isNotANumber(text)) {
    throw invalid(
      `the label ${JSON.stringify(label)} is missing`,
      where,
      listNames(Object.keys(row))
    )
  }
  const names = features ?? Object.keys(row).filter(name => name !== label)
  const values = names.map(name => {
    const value = member(row, name)
    if (value !== undefined && value !== null && value !== '') return value
    throw invalid(
      `the value of ${JSON.stringify(name)} is missing`,
      where,
      listNames(Object.keys(row))
    )
  })
  const [only] = values
  if (only === undefined) throw invalid('an item has nothing to send but its label', where)
  const isWhole = values.length === 1 && typeof only === 'object'
  return { instance: isWhole ? only : values, label: className(text) }
}

function located(row: JsonValue, where: string): LocatedRow {
  if (!isJsonObject(row)) throw invalid('an item is not a JSON object', where)
  if (nestsTooDeep(row)) throw invalid(`an item ${tooDeep}`, where)
  return { row, where }
}

function parse(text: string, where: string): JsonValue {
  const excess = jsonExcess(text)
  if (excess !== undefined) throw invalid(`the text ${excess}`, where)
  try {
    return parseJson(text)
  } catch {
    throw invalid('the text is not JSON', where)
  }
}

function invalid(message: string, where: string, found?: string): Fault {
  return new Fault('DATASET_INVALID', `${where}: ${message}`, {
    where,
    ...(found === undefined ? {} : { found })
  })
}
