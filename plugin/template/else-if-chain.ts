import type { Piece } from './scan.ts'

/** A block with `{{else if}}`: the indices of its tags among the pieces. */
export interface Chain {
  readonly elseIfs: readonly number[]
  /** The last `{{else}}`, or the closing tag if there is none. */
  readonly lastElse: number
  readonly close: number
}

/** The blocks with `{{else if}}`, by their closing tags. */
export function chainsOf(pieces: readonly Piece[]): ReadonlyMap<number, Chain> {
  const chains = new Map<number, Chain>()
  const open: { readonly elseIfs: number[]; lastElse: number | undefined }[] = []
  for (const [index, piece] of pieces.entries()) {
    const block = open.at(-1)
    if (piece.kind === 'open') open.push({ elseIfs: [], lastElse: undefined })
    else if (block !== undefined && piece.kind === 'else') {
      if (piece.content === '') block.lastElse = index
      else block.elseIfs.push(index)
    } else if (block !== undefined && piece.kind === 'close') {
      open.pop()
      const { elseIfs, lastElse = index } = block
      if (elseIfs.length > 0) chains.set(index, { elseIfs, lastElse, close: index })
    }
  }
  return chains
}

/**
 * The tag that ends the body of the first `{{else if}}`. Handlebars 4.7 looks there for the white space
 * before the closing tag, and leaves the blanks before that tag.
 */
export function endOfFirst(chain: Chain): number {
  return endOf(chain, 0)
}

function endOf({ elseIfs, lastElse }: Chain, index: number): number {
  return elseIfs[index + 1] ?? lastElse
}

/**
 * The tags before which all white space is removed. Handlebars 4.7 parses a chain as blocks in the inverse of
 * each other, and gives an inner block the marks of an outer tag: `{{~/if}}` strips the bodies of the first
 * two `{{else if}}`, and `{{~else if}}` also strips a body after its own.
 * Source: handlebars lib/handlebars/compiler/helpers.js (prepareBlock) and whitespace-control.js.
 */
export function trimmedTags(
  pieces: readonly Piece[],
  chains: ReadonlyMap<number, Chain>
): ReadonlySet<number> {
  const hasMark = (index: number) => {
    const piece = pieces[index]
    return piece !== undefined && 'trimBefore' in piece && piece.trimBefore
  }
  const trimmed = new Set([...pieces.keys()].filter(index => hasMark(index) && !chains.has(index)))
  for (const chain of chains.values()) {
    const { elseIfs, close } = chain
    if (hasMark(close)) trimmed.add(endOf(chain, 0))
    for (const [index, elseIf] of elseIfs.entries()) {
      const isLast = index === elseIfs.length - 1
      const mark = index === 0 ? close : elseIf
      if (hasMark(mark)) trimmed.add(isLast ? close : endOf(chain, index + 1))
    }
  }
  return trimmed
}
