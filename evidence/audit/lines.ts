import { Fault } from '../../common/fault.ts'

/** A line of a text, without its line feed, and its number from 1. */
export interface Line {
  readonly number: number
  readonly text: string
}

/** Longest line of a table. */
const maxLineCharacters = 1_048_576

/**
 * Yields the lines of a UTF-8 stream in batches as they arrive, without a byte order mark at the start and
 * without the carriage return before a line feed.
 *
 * @throws {Fault} `AUDIT_TEXT_INVALID` for bytes that are not UTF-8 and for a line above 1 MiB
 */
export async function* readLines(
  bytes: AsyncIterable<Uint8Array>,
  file: string
): AsyncGenerator<readonly Line[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let number = 1
  let rest = ''
  const where = () => `${file}:${number}`
  const decode = (chunk?: Uint8Array) => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true })
    } catch {
      throw new Fault('AUDIT_TEXT_INVALID', 'the file is not UTF-8', { where: where() })
    }
  }
  for await (const chunk of bytes) {
    const parts = (rest + decode(chunk)).split('\n')
    rest = parts.pop() ?? ''
    const lines = parts.map(text => ({ number: number++, text: withoutReturn(text) }))
    if (rest.length > maxLineCharacters) {
      throw new Fault('AUDIT_TEXT_INVALID', 'a line is longer than 1 MiB', {
        where: where(),
        expected: 'a table with a row on each line'
      })
    }
    if (lines.length > 0) yield lines
  }
  rest += decode()
  if (rest !== '') yield [{ number, text: withoutReturn(rest) }]
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text
}
