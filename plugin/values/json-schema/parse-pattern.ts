/** A set of characters: code point ranges, inclusive. */
export interface CharacterSet {
  readonly ranges: readonly (readonly [number, number])[]
  readonly isNegated: boolean
}

/** A parsed pattern. */
export type PatternNode =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'start' | 'end' | 'empty' }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly PatternNode[] }
  | {
      readonly kind: 'repeat'
      readonly node: PatternNode
      readonly least: number
      readonly most: number
    }

const maxRepeats = 200
const digit: CharacterSet['ranges'] = [[48, 57]]
const wordCharacters: CharacterSet['ranges'] = [[48, 57], [65, 90], [95, 95], [97, 122]] // prettier-ignore
const space: CharacterSet['ranges'] = [[9, 10], [12, 13], [32, 32]] // prettier-ignore
const escapes: Readonly<Record<string, CharacterSet>> = {
  d: { ranges: digit, isNegated: false },
  D: { ranges: digit, isNegated: true },
  w: { ranges: wordCharacters, isNegated: false },
  W: { ranges: wordCharacters, isNegated: true },
  s: { ranges: space, isNegated: false },
  S: { ranges: space, isNegated: true },
  n: one('\n'),
  r: one('\r'),
  t: one('\t'),
  f: one('\f'),
  v: one('\v')
}

/**
 * Parses a pattern of characters, classes, groups, choices, repetitions and anchors, with RE2's meaning;
 * undefined for a pattern with other constructs or an error.
 */
export function parsePattern(pattern: string): PatternNode | undefined {
  return new PatternReader(pattern).whole()
}

function one(character: string): CharacterSet {
  const code = character.codePointAt(0) ?? 0
  return { ranges: [[code, code]], isNegated: false }
}

/** A parser that stops at the first construct that is not simple. */
class PatternReader {
  readonly #characters: readonly string[]
  #next = 0
  #isSimple = true

  constructor(pattern: string) {
    this.#characters = Array.from(pattern)
    this.#isSimple = pattern.isWellFormed()
  }

  whole(): PatternNode | undefined {
    const node = this.#choice()
    return this.#isSimple && this.#next === this.#characters.length ? node : undefined
  }

  #peek(): string {
    return this.#characters[this.#next] ?? ''
  }

  #accept(character: string): boolean {
    if (this.#peek() !== character) return false
    this.#next++
    return true
  }

  #notSimple(): PatternNode {
    this.#isSimple = false
    this.#next = this.#characters.length
    return { kind: 'empty' }
  }

  #choice(): PatternNode {
    const parts: PatternNode[] = []
    do parts.push(this.#sequence())
    while (this.#accept('|'))
    return parts.length === 1 ? (parts[0] ?? { kind: 'empty' }) : { kind: 'choice', parts }
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = []
    while (this.#peek() !== '' && !'|)'.includes(this.#peek())) parts.push(this.#repeated())
    return { kind: 'sequence', parts }
  }

  #repeated(): PatternNode {
    const node = this.#atom()
    const rest = this.#characters.slice(this.#next, this.#next + 12).join('')
    const found = /^(?:([*+?])|\{(\d{1,3})(?:(,)(\d{0,3}))?\})/.exec(rest)
    if (found === null) return node
    this.#next += found[0].length
    this.#accept('?')
    const times = timesOf(found)
    if (times === undefined || /^[*+?{]/.test(this.#peek())) return this.#notSimple()
    return { kind: 'repeat', node, ...times }
  }

  #atom(): PatternNode {
    const character = this.#peek()
    this.#next++
    switch (character) {
      case '(':
        return this.#group()
      case '[':
        return this.#class()
      case '.':
        return { kind: 'set', set: { ranges: [[10, 10]], isNegated: true } }
      case '^':
        return { kind: 'start' }
      case '$':
        return { kind: 'end' }
      case '\\': {
        const set = this.#escape()
        return set === undefined ? this.#notSimple() : { kind: 'set', set }
      }
      default:
        return '*+?{}]'.includes(character)
          ? this.#notSimple()
          : { kind: 'set', set: one(character) }
    }
  }

  #group(): PatternNode {
    if (this.#accept('?') && !this.#accept(':')) return this.#notSimple()
    const inner = this.#choice()
    return this.#accept(')') ? inner : this.#notSimple()
  }

  /** An escaped class or punctuation character; letters with other meanings are not simple. */
  #escape(): CharacterSet | undefined {
    const character = this.#peek()
    this.#next++
    if (Object.hasOwn(escapes, character)) return escapes[character]
    return /^[!-/:-@[-`{-~]$/.test(character) ? one(character) : undefined
  }

  #class(): PatternNode {
    const isNegated = this.#accept('^')
    const ranges: (readonly [number, number])[] = []
    if (this.#peek() === ']') return this.#notSimple()
    while (!this.#accept(']')) {
      const range = this.#classRange()
      if (range === undefined) return this.#notSimple()
      ranges.push(...range)
    }
    return { kind: 'set', set: { ranges, isNegated } }
  }

  /** One item of a class, or a range of two. */
  #classRange(): CharacterSet['ranges'] | undefined {
    const from = this.#classItem()
    const isRange = this.#peek() === '-' && this.#characters[this.#next + 1] !== ']'
    if (from === undefined || !isRange) return from?.ranges
    this.#next++
    const [low, high] = [soleCharacter(from), soleCharacter(this.#classItem())]
    return low === undefined || high === undefined || high < low ? undefined : [[low, high]]
  }

  #classItem(): CharacterSet | undefined {
    const character = this.#peek()
    if (character === '' || character === '[') return undefined
    this.#next++
    if (character !== '\\') return one(character)
    const set = this.#escape()
    return set?.isNegated === true ? undefined : set
  }
}

function timesOf([, sign, least = '', comma, most = '']: RegExpExecArray):
  { readonly least: number; readonly most: number } | undefined {
  if (sign !== undefined) return { least: sign === '+' ? 1 : 0, most: sign === '?' ? 1 : Infinity }
  const [low, high] = [Number(least), most === '' ? Number(least) : Number(most)]
  if (high < low || high > maxRepeats) return undefined
  return { least: low, most: comma !== undefined && most === '' ? Infinity : high }
}

function soleCharacter(set: CharacterSet | undefined): number | undefined {
  const [only, ...others] = set?.ranges ?? []
  return only !== undefined && others.length === 0 && only[0] === only[1] ? only[0] : undefined
}
