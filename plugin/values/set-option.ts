import { UsageError } from '../../common/command.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Assignment } from './assignment.ts'
import { maxIndex, refuseKey } from './key-path.ts'
import type { PathKey } from './key-path.ts'

const where = '--set'

/**
 * Reads one `--set` as Helm does: `a.b=1,c=2`, `list[0].x=v`, `list={x,y}`; a backslash makes the next
 * character literal. True, false, null and integers without leading zeros have their type; anything else is
 * a string (`1.10` stays `1.10`). Unlike in Helm, an assignment without a name or a value is an error.
 *
 * @throws {UsageError} for another form; the message does not show the value
 * @throws {Fault} `VALUES_KEY` for a refused name
 */
export function parseSetOption(text: string): readonly Assignment[] {
  const reader = new SetReader(text)
  const assignments: Assignment[] = []
  do assignments.push(reader.assignment())
  while (!reader.isAtEnd())
  return assignments
}

interface Part {
  readonly text: string
  /** The character that ended the part; empty at the end of the option. */
  readonly end: string
}

class SetReader {
  readonly #text: string
  #position = 0

  constructor(text: string) {
    this.#text = text
  }

  isAtEnd(): boolean {
    return this.#position >= this.#text.length
  }

  assignment(): Assignment {
    const keys = this.#keys()
    if (this.#text.charAt(this.#position) === '{') {
      this.#position++
      const texts = this.#items()
      return { keys, value: texts.map(readSetValue), text: texts, where }
    }
    const { text } = this.#until(',')
    return { keys, value: readSetValue(text), text, where }
  }

  #keys(): readonly PathKey[] {
    const keys: PathKey[] = []
    let isNameNext = true
    for (;;) {
      const { text, end } = this.#until('.[=,')
      if (isNameNext === (text === '')) throw broken()
      if (isNameNext) keys.push(refuseKey(text, this.#text, where))
      if (end === '=') return keys
      if (end !== '[' && end !== '.') throw broken()
      isNameNext = end === '.'
      if (!isNameNext) keys.push(this.#index())
    }
  }

  #index(): number {
    const { text, end } = this.#until(']')
    const index = /^[0-9]{1,6}$/.test(text) ? Number(text) : Infinity
    if (end === ']' && index <= maxIndex) return index
    throw new UsageError(
      `--set: the index of a list must be a number from 0 to ${maxIndex}, such as --set list[0]=x`
    )
  }

  /** The items of `{x,y}`. As in Helm, `{}` is a list of an empty string. */
  #items(): readonly string[] {
    const items: string[] = []
    for (;;) {
      const { text, end } = this.#until(',}')
      items.push(text)
      if (end === ',') continue
      const next = this.#text.charAt(this.#position++)
      if (end === '}' && (next === ',' || next === '')) return items
      throw new UsageError('--set: a list must end with }, such as --set list={x,y}')
    }
  }

  /** The characters up to one of `ends`, which is read too. */
  #until(ends: string): Part {
    let text = ''
    while (!this.isAtEnd()) {
      const character = this.#text.charAt(this.#position++)
      if (ends.includes(character)) return { text, end: character }
      if (character !== '\\') text += character
      else if (this.isAtEnd()) {
        throw new UsageError('--set: a backslash at the end; write \\\\ for a backslash')
      } else text += this.#text.charAt(this.#position++)
    }
    return { text, end: '' }
  }
}

function broken(): UsageError {
  return new UsageError('--set needs a name and a value, such as --set image.tag=v1')
}

function readSetValue(text: string): JsonValue {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'false') return word === 'true'
  if (word === 'null') return null
  if (!/^(?:0|[-+]?[1-9][0-9]{0,18}|-0)$/.test(text)) return text
  const integer = BigInt(text.replace('+', ''))
  if (BigInt.asIntN(64, integer) !== integer) return text
  const number = Number(integer)
  return Number.isSafeInteger(number) ? number : integer
}
