import { SCALAR_STYLE } from 'js-yaml'
import type { ScalarEvent } from 'js-yaml'
import { Fault } from '../fault.ts'

/**
 * Refuses scalars that kubectl reads in another way than the parser. In `[a:, b]` kubectl reads `a:` as text,
 * and in `[?a]` the question mark as that of a key. In double quotes it keeps blank lines after an escaped
 * line break, as YAML 1.2 does.
 *
 * @param collection the offset of the collection that contains the scalar
 * @throws {Fault} `YAML_INVALID` without a position
 */
export function refuseAmbiguous(text: string, scalar: ScalarEvent, collection: number): void {
  const { style, valueStart, valueEnd } = scalar
  if (style === SCALAR_STYLE.DOUBLE_QUOTED) refuseEscapedBlanks(text.slice(valueStart, valueEnd))
  if (style !== SCALAR_STYLE.PLAIN) return
  if (text.charAt(valueEnd) === ':' && /[,[\]{}]/.test(text.charAt(valueEnd + 1))) {
    throw ambiguous(
      'a colon is followed by a comma, a bracket or a brace',
      'Put the text in quotes, or write a space after the colon.'
    )
  }
  if (text.charAt(valueStart) === '?' && /[[{]/.test(text.charAt(collection))) {
    throw ambiguous(
      'text in brackets starts with a question mark',
      'Put the text in quotes, or write a space after it for a key.'
    )
  }
}

/**
 * The name of an anchor. kubectl reads other characters as the start of the value.
 *
 * @throws {Fault} `YAML_INVALID` without a position
 */
export function anchorName(name: string): string {
  if (/^[\w-]*$/.test(name)) return name
  throw ambiguous(
    'an anchor has a name that kubectl does not read',
    'Use letters, digits, _ and -.'
  )
}

function refuseEscapedBlanks(quoted: string): void {
  if (!/\\\r?\n[ \t]*\r?\n/.test(quoted)) return
  throw ambiguous('a blank line follows an escaped line break', 'Write \\n for a line feed.')
}

function ambiguous(message: string, remedy: string): Fault {
  return new Fault('YAML_INVALID', message, { remedy })
}
