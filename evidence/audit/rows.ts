import { Fault, listNames } from '../../common/fault.ts'
import { isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { CsvReader } from './csv.ts'
import { readLines } from './lines.ts'
import type { Line } from './lines.ts'

/** The requested columns of one row, in the requested order; undefined for a missing value. */
export interface AuditRow {
  readonly line: number
  readonly values: readonly (string | undefined)[]
}

type RowReader = (line: Line) => AuditRow | undefined

/**
 * Yields the rows of a table of predictions in batches: NDJSON if the first line starts with a brace,
 * otherwise CSV with a header.
 *
 * @param columns names of the columns
 * @throws {Fault} `AUDIT_COLUMN_UNKNOWN`, `AUDIT_COLUMN_TWICE`, `AUDIT_CSV_INVALID`,
 *   `AUDIT_JSON_INVALID`, `AUDIT_TEXT_INVALID`
 */
export async function* readRows(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  columns: readonly string[]
): AsyncGenerator<readonly AuditRow[]> {
  const csv = new CsvReader(file)
  let read: RowReader | undefined
  for await (const lines of readLines(bytes, file)) {
    const rows: AuditRow[] = []
    for (const line of lines) {
      read ??= line.text.trimStart().startsWith('{')
        ? jsonReader(file, columns)
        : csvReader(csv, file, columns)
      const row = read(line)
      if (row !== undefined) rows.push(row)
    }
    if (rows.length > 0) yield rows
  }
  csv.end()
}

function csvReader(csv: CsvReader, file: string, columns: readonly string[]): RowReader {
  let width = 0
  let indexes: readonly number[] | undefined
  return line => {
    const row = csv.take(line)
    if (row === undefined) return undefined
    const where = `${file}:${row.line}`
    if (indexes === undefined) {
      indexes = columns.map(column => indexOfColumn(column, row.fields, where))
      width = row.fields.length
      return undefined
    }
    if (row.fields.length !== width) {
      throw new Fault('AUDIT_CSV_INVALID', 'a row does not have as many fields as the header', {
        where,
        found: `${row.fields.length} fields`,
        expected: String(width)
      })
    }
    const values = indexes.map(index => row.fields[index] ?? '')
    return { line: row.line, values: values.map(text => (text === '' ? undefined : text)) }
  }
}

function indexOfColumn(column: string, header: readonly string[], where: string): number {
  const index = header.indexOf(column)
  if (index === -1) {
    throw new Fault('AUDIT_COLUMN_UNKNOWN', `the column ${JSON.stringify(column)} does not exist`, {
      where,
      expected: listNames(header)
    })
  }
  if (!header.includes(column, index + 1)) return index
  throw new Fault('AUDIT_COLUMN_TWICE', `the column ${JSON.stringify(column)} occurs twice`, {
    where
  })
}

function jsonReader(file: string, columns: readonly string[]): RowReader {
  const seen = new Set<string>()
  return ({ number, text }) => {
    if (text.trim() === '') return undefined
    const where = `${file}:${number}`
    const object = tryParseJson(text)
    if (!isJsonObject(object)) {
      throw new Fault('AUDIT_JSON_INVALID', 'a line is not a JSON object', { where })
    }
    const values = columns.map(column => {
      const value = member(object, column)
      if (value !== undefined) seen.add(column)
      return textOf(value, column, where)
    })
    const unseen = columns.find(column => !seen.has(column))
    if (unseen === undefined) return { line: number, values }
    throw new Fault('AUDIT_COLUMN_UNKNOWN', `the member ${JSON.stringify(unseen)} does not exist`, {
      where,
      expected: listNames(Object.keys(object))
    })
  }
}

function textOf(value: JsonValue | undefined, column: string, where: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value !== 'object') return String(value)
  throw new Fault('AUDIT_JSON_INVALID', `${JSON.stringify(column)} is not a single value`, {
    where,
    expected: 'a string, a number, true, false or null'
  })
}
