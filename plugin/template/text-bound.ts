import { Fault } from '../../common/fault.ts'

/** What a file gives, and what a function makes, is no longer: 32 Mi characters. */
export const maxCharacters = 32 * 1024 * 1024

/**
 * Refuses a text before it is made: calls in a row that each make it longer would fill any memory.
 *
 * @throws {Fault} `TEMPLATE_TOO_LARGE`
 */
export function refuseLonger(characters: number): void {
  if (characters <= maxCharacters) return
  throw new Fault('TEMPLATE_TOO_LARGE', 'a function makes too much text', {
    expected: `at most ${maxCharacters} characters`
  })
}

/** How often a part stands in a text without overlapping; an empty one before every character and at the end. */
export function occurrences(text: string, part: string): number {
  if (part === '') return text.length + 1
  let count = 0
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1
  return count
}
