import { parseEvents, YAMLException } from 'js-yaml'
import type { Event } from 'js-yaml'

/** The events of a text, the text that their offsets refer to, and a map to offsets in the original. */
export interface ParsedText {
  readonly events: readonly Event[]
  readonly text: string
  readonly original: (offset: number) => number
}

/** The parser's message for a line of a flow collection or quoted text that is indented too little. */
const tooFarLeft = 'deficient indentation'
const added = ' '.repeat(64)
/** Limits of {@link parseText}. */
export interface ParseLimits {
  readonly maxDepth: number
  /** The text is read again for each line that must be moved; total limit in characters. */
  readonly maxRereadCharacters: number
}

/**
 * Parses like go-yaml, which lets lines inside brackets, braces and quotes start anywhere; the
 * specification (and js-yaml) require more indentation than their key. Leading spaces of such a line mean
 * nothing, so lines that the parser refuses are moved to the right.
 *
 * @throws {YAMLException} for any other error
 */
export function parseText(
  text: string,
  { maxDepth, maxRereadCharacters }: ParseLimits
): ParsedText {
  const moved: number[] = []
  const original = (offset: number) =>
    offset - added.length * moved.filter(start => start < offset).length
  let current = text
  for (let read = 0; ; read += current.length) {
    try {
      return { events: parseEvents(current, { maxDepth }), text: current, original }
    } catch (error) {
      const start = movableLine(error, current)
      if (start === undefined || read > maxRereadCharacters || !isContinued(current, start))
        throw at(error, original)
      current = current.slice(0, start) + added + current.slice(start)
      moved.push(start)
    }
  }
}

function movableLine(error: unknown, text: string): number | undefined {
  if (!(error instanceof YAMLException) || error.reason !== tooFarLeft) return undefined
  const position = error.mark?.position ?? -1
  const start = text.lastIndexOf('\n', position - 1) + 1
  // A line of three dashes or dots ends the document anywhere.
  return position < 0 || /^(?:---|\.\.\.)/.test(text.slice(start, start + 3)) ? undefined : start
}

/** Whether a line starts within brackets, braces or quotes. Elsewhere its indentation has a meaning. */
function isContinued(text: string, start: number): boolean {
  try {
    parseEvents(text.slice(0, start), { maxDepth: Infinity })
    return false
  } catch (error) {
    if (!(error instanceof YAMLException)) return false
    return error.reason === tooFarLeft || error.reason.startsWith('unexpected end of the ')
  }
}

function at(error: unknown, original: (offset: number) => number): unknown {
  if (error instanceof YAMLException && error.mark !== undefined) {
    error.mark = { ...error.mark, position: original(error.mark.position) }
  }
  return error
}
