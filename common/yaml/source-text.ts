/** A position in a text, counted from 1. Columns count UTF-16 code units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Returns the position of `offset` in `text`. Linear: meant for messages, not for every node. */
export function positionAt(text: string, offset: number): Position {
  let line = 1
  let lineStart = 0
  for (;;) {
    const lineFeed = text.indexOf('\n', lineStart)
    if (lineFeed === -1 || lineFeed >= offset) break
    line++
    lineStart = lineFeed + 1
  }
  return { line, column: Math.max(0, offset - lineStart) + 1 }
}

/**
 * Returns a function from offsets to lines: linear in the text for all calls together if offsets increase.
 * An empty document has offset 0 wherever it is, which costs nothing.
 */
export function lineCounter(text: string): (offset: number) => number {
  let line = 1
  let lineFeed = text.indexOf('\n')
  let last = 0
  return offset => {
    if (offset < last) return positionAt(text, offset).line
    last = offset
    while (lineFeed !== -1 && lineFeed < offset) {
      line += 1
      lineFeed = text.indexOf('\n', lineFeed + 1)
    }
    return line
  }
}

/** Formats `file:line:column`, which editors and terminals understand. */
export function describePosition(file: string, position: Position): string {
  return `${file}:${position.line}:${position.column}`
}
