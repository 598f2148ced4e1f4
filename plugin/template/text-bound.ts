import { Fault } from '../../common/fault.ts'

/** The most characters in the output of a file or the result of a function: 32 Mi. */
export const maxCharacters = 32 * 1024 * 1024

/**
 * Refuses a text before it is made: nested calls that each multiply its length would fill any memory.
 *
 * @throws {Fault} `TEMPLATE_TOO_LARGE`
 */
export function refuseLonger(characters: number): void {
  if (characters <= maxCharacters) return
  throw new Fault('TEMPLATE_TOO_LARGE', 'the result of a function is too long', {
    expected: `at most ${maxCharacters} characters`
  })
}

/** Counts occurrences without overlap; an empty part occurs before each character and at the end. */
export function occurrences(text: string, part: string): number {
  if (part === '') return text.length + 1
  let count = 0
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1
  return count
}
