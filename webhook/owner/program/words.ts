import { isFilledIn } from './expression.ts'
import type { Rewriting } from './rewriting.ts'

/** Any number of any words: what an image says by itself. */
export const anyWords = Symbol('any words')

/** The words of a command as an owner states them; a pattern stands for one word. */
export type StatedWords = readonly (string | RegExp | typeof anyWords)[]

/** How many of the first words can be accounted for: every number that is possible, ascending. */
export type Reached = readonly number[]

/** Nothing is accounted for yet. */
export const unread: Reached = [0]

/** Accounts for words that are the stated ones, with values in the place of expressions. */
export function read(
  words: readonly string[],
  reached: Reached,
  stated: StatedWords,
  { expression, list }: Pick<Rewriting, 'expression' | 'list'>
): Reached {
  let last = reached
  for (const each of stated) {
    const [first] = last
    if (first === undefined) return last
    if (each === anyWords || (typeof each === 'string' && list?.test(each) === true)) {
      last = Array.from({ length: words.length - first + 1 }, (_, at) => first + at)
    } else {
      const isWord = (word: string | undefined) => {
        if (word === undefined) return false
        return typeof each === 'string' ? isFilledIn(word, each, expression) : each.test(word)
      }
      last = last.filter(at => isWord(words[at])).map(at => at + 1)
    }
  }
  return last
}

/** Accounts for words that are those of any of several commands. */
export function readAny(
  words: readonly string[],
  reached: Reached,
  choices: readonly StatedWords[],
  rewriting: Pick<Rewriting, 'expression' | 'list'>
): Reached {
  const all = new Set(choices.flatMap(choice => read(words, reached, choice, rewriting)))
  return [...all].sort((a, b) => a - b)
}
