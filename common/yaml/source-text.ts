/** A place in a text, both counted from 1; a column counts UTF-16 code units. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** The place of `offset` in `text`. Linear: meant for messages, not for every node. */
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

/** `file:line:column` as editors and terminals understand it. */
export function describePosition(file: string, position: Position): string {
  return `${file}:${position.line}:${position.column}`
}
