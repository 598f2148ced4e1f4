import type { Expression } from './expression.ts'

/** The templates of one application have the same few expressions again and again. */
const known = new Map<string, Expression>()
const maxKnown = 1_000
const maxCharacters = 200

/**
 * The expression of a text, which is parsed when it is first seen.
 *
 * @param offset where the text starts in its template
 * @param parse parses the text at that offset
 */
export function expressionOf(text: string, offset: number, parse: () => Expression): Expression {
  const found = known.get(text)
  if (found !== undefined) return movedBy(found, offset)
  const parsed = parse()
  if (known.size < maxKnown && text.length <= maxCharacters) {
    known.set(text, movedBy(parsed, -offset))
  }
  return parsed
}

function movedBy(expression: Expression, distance: number): Expression {
  const offset = expression.offset + distance
  if (expression.kind !== 'call') return { ...expression, offset }
  const { kind, name, args } = expression
  return { kind, name, args: args.map(arg => movedBy(arg, distance)), offset }
}
