import { Fault } from '../../common/fault.ts'
import type { Line } from './lines.ts'

/** A row of a table. */
export interface CsvRow {
  /** The line that it starts on. */
  readonly line: number
  readonly fields: readonly string[]
}

const maxRecordCharacters = 1_048_576

/**
 * Reads CSV by RFC 4180: commas, doubled quotes inside of quotes, line breaks inside of quotes. Anything
 * else is a fault, never a guess. Why not a library: docs/decisions/0005-csv.md.
 */
export class CsvReader {
  readonly #file: string
  #pending:
    { readonly line: number; readonly parts: string[]; size: number; isOpen: boolean } | undefined

  constructor(file: string) {
    this.#file = file
  }

  /**
   * Returns the row that ends with this line; undefined inside of a quoted field, and for an empty line.
   *
   * @throws {Fault} `AUDIT_CSV_INVALID`
   */
  take({ number, text }: Line): CsvRow | undefined {
    if (this.#pending === undefined) {
      if (text === '') return undefined
      if (!text.includes('"')) return { line: number, fields: text.split(',') }
    }
    const pending = (this.#pending ??= { line: number, parts: [], size: 0, isOpen: false })
    pending.parts.push(text)
    pending.size += text.length + 1
    if (pending.size > maxRecordCharacters) throw this.#fault('a row is longer than 1 MiB')
    // Quotes come in pairs, so an odd number leaves a field open. No row is scanned twice.
    if (hasOddQuotes(text)) pending.isOpen = !pending.isOpen
    return pending.isOpen ? undefined : this.#complete(pending.line, pending.parts.join('\n'))
  }

  /** @throws {Fault} `AUDIT_CSV_INVALID` when the file ends inside of quotes */
  end(): void {
    if (this.#pending !== undefined) throw this.#fault('a quote is never closed')
  }

  #complete(line: number, text: string): CsvRow {
    const fields: string[] = []
    let at = 0
    for (;;) {
      const end = text[at] === '"' ? closingQuote(text, at) : fieldEnd(text, at)
      const raw = text.slice(at, end)
      if (text[at] === '"') fields.push(raw.slice(1, -1).replaceAll('""', '"'))
      else if (raw.includes('"')) throw this.#fault('a field without quotes contains a quote')
      else fields.push(raw)
      if (end === text.length) break
      if (text[end] !== ',') throw this.#fault('text follows a closing quote')
      at = end + 1
    }
    this.#pending = undefined
    return { line, fields }
  }

  #fault(problem: string): Fault {
    const where = `${this.#file}:${this.#pending?.line ?? 0}`
    return new Fault('AUDIT_CSV_INVALID', problem, { where, expected: 'CSV as in RFC 4180' })
  }
}

function fieldEnd(text: string, at: number): number {
  const comma = text.indexOf(',', at)
  return comma === -1 ? text.length : comma
}

function hasOddQuotes(text: string): boolean {
  let isOdd = false
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) isOdd = !isOdd
  return isOdd
}

/** Returns the offset after the quote that closes the one at `at`, in text with paired quotes. */
function closingQuote(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 2)) {
    if (text[quote + 1] !== '"') return quote + 1
  }
  return text.length
}
