import { parseEvents, YAMLException } from 'js-yaml'
import type { Event } from 'js-yaml'

/** A text's events, the text that their offsets are of, and where those offsets are in the original. */
export interface ParsedText {
  readonly events: readonly Event[]
  readonly text: string
  readonly original: (offset: number) => number
}

/** The parser's words for a line of a list in brackets, or of quoted text, that stands too far left. */
const tooFarLeft = 'deficient indentation'
const added = ' '.repeat(64)
/** What {@link parseText} may take. */
export interface ParseLimits {
  readonly maxDepth: number
  /** The text is read again for each line that has to be moved: in all so many characters. */
  readonly maxRereadCharacters: number
}

/**
 * Parses as go-yaml does, which lets lines within brackets, braces and quotes start anywhere, where the
 * specification (and js-yaml) want them further right than their key. Spaces at the start of such a
 * line mean nothing, so the lines that the parser stumbles over are moved.
 *
 * @throws {YAMLException} for all else that is wrong
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
      if (start === undefined || read > maxRereadCharacters) throw at(error, original)
      current = current.slice(0, start) + added + current.slice(start)
      moved.push(start)
    }
  }
}

function movableLine(error: unknown, text: string): number | undefined {
  if (!(error instanceof YAMLException) || error.reason !== tooFarLeft) return undefined
  const position = error.mark?.position ?? -1
  const start = text.lastIndexOf('\n', position - 1) + 1
  // A line of three dashes or dots ends the document, wherever it stands.
  return position < 0 || /^(?:---|\.\.\.)/.test(text.slice(start, start + 3)) ? undefined : start
}

function at(error: unknown, original: (offset: number) => number): unknown {
  if (error instanceof YAMLException && error.mark !== undefined) {
    error.mark = { ...error.mark, position: original(error.mark.position) }
  }
  return error
}
