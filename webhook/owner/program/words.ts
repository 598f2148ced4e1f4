import { isFilledIn } from './expression.ts'
import type { Rewriting } from './rewriting.ts'

/** Any number of any words: what an image says by itself. */
export const anyWords = Symbol('any words')

/** The words of a command as an owner states them; a pattern stands for one word. */
export type StatedWords = readonly (string | RegExp | typeof anyWords)[]

/** For each number of words whether that many of the first ones are accounted for. */
export type Reached = readonly boolean[]

/** Nothing is accounted for yet. */
export function unread(words: readonly string[]): Reached {
  return [true, ...words.map(() => false)]
}

/** Whether all words are accounted for. */
export function isRead(reached: Reached): boolean {
  return reached.at(-1) === true
}

/** Accounts for words that are the stated ones, with values in the place of expressions. */
export function read(
  words: readonly string[],
  reached: Reached,
  stated: StatedWords,
  { expression, list }: Pick<Rewriting, 'expression' | 'list'>
): Reached {
  let last = reached
  for (const each of stated) {
    const before = last
    if (each === anyWords || (typeof each === 'string' && list?.test(each) === true)) {
      const first = before.indexOf(true)
      last = before.map((_, at) => first !== -1 && at >= first)
    } else {
      const isWord = (word: string) =>
        typeof each === 'string' ? isFilledIn(word, each, expression) : each.test(word)
      last = before.map((_, at) => before[at - 1] === true && isWord(words[at - 1] ?? ''))
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
  const all = choices.map(choice => read(words, reached, choice, rewriting))
  return reached.map((_, at) => all.some(each => each[at] === true))
}
