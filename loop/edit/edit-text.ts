import { EVENT_ID, getScalarValue, SCALAR_STYLE } from 'js-yaml'
import type { Event } from 'js-yaml'
import { Fault } from '../../common/fault.ts'
import { describePosition, positionAt } from '../../common/yaml/source-text.ts'
import { resolveValue } from '../../common/yaml/scalar.ts'
import type { Assignment } from './assignment.ts'
import { findScalar } from './find-scalar.ts'
import type { FoundScalar } from './find-scalar.ts'
import { newScalar } from './new-scalar.ts'
import type { NewScalar } from './new-scalar.ts'
import { parseFile } from './nodes.ts'
import type { ParsedFile } from './nodes.ts'
import { refuseTemplated } from './templated.ts'

/** What an edit did. */
export interface Edited {
  readonly text: string
  /** Where the scalar is: line and column, counted from 1. */
  readonly where: string
  readonly isChanged: boolean
  /** The type that the field had before, if it is text now. */
  readonly lostType?: 'number' | 'boolean'
}

/**
 * Sets one scalar of a file that people wrote: replaces its characters and nothing else. The result is parsed
 * again and compared with the file: the same documents, keys, values, styles, comments and line ends, and the
 * one scalar with its new value.
 *
 * @throws {Fault} `YAML_INVALID`, as {@link findScalar}, `SET_TEMPLATE`, `SET_VALUE`, `SET_NOT_SCALAR`;
 *   `SET_UNPROVED` if the result is not what was asked for
 */
export function editText(text: string, { file, document, path, text: value }: Assignment): Edited {
  const parsed = parseFile(text, file)
  const found = findScalar(parsed, { file, document, path })
  const span = spanOf(parsed, found, file)
  const where = describePosition(file, positionAt(text, span.start))
  refuseTemplated(text, span, value, where)
  const next = newScalar(found, value, where)
  const written = span.isInserted ? ` ${next.written}` : next.written
  if (text.slice(span.start, span.end) === written) return { text, where, isChanged: false }
  const result = text.slice(0, span.start) + written + text.slice(span.end)
  prove(parsed, result, { found, next, file, where, shift: result.length - text.length })
  return {
    text: result,
    where,
    isChanged: true,
    ...(next.lostType === undefined ? {} : { lostType: next.lostType })
  }
}

/** The characters that are replaced; nothing for an empty value, which is written after its key's colon. */
interface Span {
  readonly start: number
  readonly end: number
  readonly isInserted: boolean
}

function spanOf({ text }: ParsedFile, found: FoundScalar, file: string): Span {
  const { event } = found
  const refuse = (message: string, remedy: string, offset: number) =>
    new Fault('SET_NOT_SCALAR', message, {
      where: describePosition(file, positionAt(text, offset)),
      remedy
    })
  if (event.tagStart >= 0) {
    throw refuse('the field has a YAML tag', 'Remove the tag.', event.tagStart)
  }
  if (event.valueStart < 0) {
    const colon = found.keyEnd === undefined ? null : /^[ \t]*:/.exec(text.slice(found.keyEnd))
    if (colon === null || event.anchorStart >= 0) {
      throw refuse('the field is empty', 'Write null once by hand.', found.keyEnd ?? 0)
    }
    const start = (found.keyEnd ?? 0) + colon[0].length
    return { start, end: start, isInserted: true }
  }
  if (event.style === SCALAR_STYLE.PLAIN) {
    return { start: event.valueStart, end: event.valueEnd, isInserted: false }
  }
  if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK) {
    throw refuse(
      'the field is a block of lines',
      'Write it in quotes on one line once by hand.',
      event.valueStart
    )
  }
  return { start: event.valueStart - 1, end: event.valueEnd + 1, isInserted: false }
}

interface Claim {
  readonly found: FoundScalar
  readonly next: NewScalar
  readonly file: string
  readonly where: string
  readonly shift: number
}

/** Compares the events of both texts: all are the same and where they were, but for the scalar. */
function prove(before: ParsedFile, result: string, claim: Claim): void {
  const { found, file, where, shift } = claim
  const unproved = () =>
    new Fault('SET_UNPROVED', 'the edit would change more than this field', {
      where,
      remedy: 'Change the field by hand, or write its value in quotes.'
    })
  let after: ParsedFile
  try {
    after = parseFile(result, file)
  } catch {
    throw unproved()
  }
  const from = found.event.valueStart < 0 ? (found.keyEnd ?? 0) : found.event.valueStart
  const isSame = before.events.every((event, index) => {
    const other = after.events[index]
    if (event === found.event) return other !== undefined && isWanted(after, other, claim)
    return other !== undefined && isUnmoved(event, other, from, shift)
  })
  if (!isSame || before.events.length !== after.events.length) throw unproved()
}

/** Whether readers of YAML 1.1 and of YAML 1.2 take the scalar for the value that was asked for. */
function isWanted(after: ParsedFile, event: Event, { next }: Claim): boolean {
  if (event.type !== EVENT_ID.SCALAR || event.tagStart >= 0) return false
  const text = getScalarValue(after.text, event)
  if (event.style !== SCALAR_STYLE.PLAIN) return text === next.value
  const settings = { exactNumbers: 'integers' } as const
  return (
    resolveValue(text, settings) === next.value &&
    resolveValue(text, { ...settings, schema: 'core' }) === next.value
  )
}

/** Whether an event is the same and its offsets beyond `from` have moved by `shift`. */
function isUnmoved(event: Event, other: Event, from: number, shift: number): boolean {
  const [old, now] = [Object.entries(event), new Map<string, unknown>(Object.entries(other))]
  return old.every(([name, value]: [string, unknown]) => {
    if (!/(?:Start|End|^start)$/.test(name) || typeof value !== 'number') {
      return JSON.stringify(value) === JSON.stringify(now.get(name))
    }
    return now.get(name) === (value > from ? value + shift : value)
  })
}
