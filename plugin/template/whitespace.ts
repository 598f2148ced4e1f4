import { chainsOf, endOfFirst, trimmedTags } from './else-if-chain.ts'
import type { Piece, TagPiece, TextPiece } from './scan.ts'

/**
 * Applies Handlebars' white space control: a block tag, `{{else}}`, either tag of a raw block or a comment
 * alone on its line removes the whole line; `{{-`, `{{~` and their closing forms remove all white space on
 * their side.
 */
export function controlWhitespace(pieces: readonly Piece[]): readonly Piece[] {
  if (!pieces.some(controlsWhitespace)) {
    return pieces.filter(piece => piece.kind !== 'text' || piece.text !== '')
  }
  const cut = pieces.map(() => ({ before: 0, after: 0 }))
  const chains = chainsOf(pieces)
  const trimmed = trimmedTags(pieces, chains)
  pieces.forEach((piece, index) => {
    if (piece.kind === 'text' || piece.kind === 'variable') return
    const [previous, following] = [pieces[index - 1], pieces[index + 1]]
    const [left, right] = [cut[index - 1], cut[index + 1]]
    const chain = chains.get(index)
    const isAlone = standsAlone(pieces, index, chain === undefined ? index : endOfFirst(chain))
    if (left !== undefined && previous?.kind === 'text') {
      const leavesBlanks = chain !== undefined || !isAlone
      left.after = cutBefore(previous.text, trimmed.has(index), !leavesBlanks)
    }
    if (right !== undefined && following?.kind === 'text') {
      right.before = Math.max(right.before, cutAfter(piece, following.text, isAlone))
    }
  })
  return pieces.flatMap((piece, index): readonly Piece[] => {
    const { before = 0, after = 0 } = cut[index] ?? {}
    return piece.kind === 'text' ? withoutEnds(piece, before, after) : [piece]
  })
}

function controlsWhitespace(piece: Piece): boolean {
  if (piece.kind === 'text' || piece.kind === 'variable') return false
  return piece.kind !== 'expression' || piece.trimBefore || piece.trimAfter
}

function withoutEnds(piece: TextPiece, before: number, after: number): readonly TextPiece[] {
  const text = piece.text.slice(before, Math.max(before, piece.text.length - after))
  return text === '' ? [] : [{ ...piece, text, start: piece.start + before }]
}

/** @param end the tag whose preceding text decides; usually the tag itself */
function standsAlone(pieces: readonly Piece[], index: number, end: number): boolean {
  const [previous, tag, following] = [pieces[end - 1], pieces[index], pieces[index + 1]]
  const isLast = index === pieces.length - 2
  if (tag?.kind === 'expression') return false
  if (previous !== undefined && !endsWithBlankLine(previous)) return false
  if (following === undefined) return true
  if (following.kind !== 'text') return false
  return startsWithBlankLine(following.text, isLast)
}

function cutBefore(text: string, isTrimmed: boolean, isAlone: boolean): number {
  if (isTrimmed) return text.length - text.trimEnd().length
  return isAlone ? text.length - beforeBlanks(text) : 0
}

/** As Handlebars, any white space counts here, but only blanks and the line's end are removed. */
function endsWithBlankLine(piece: Piece): boolean {
  if (piece.kind !== 'text') return false
  const end = piece.text.trimEnd().length
  return (end === 0 && piece.start === 0) || piece.text.includes('\n', end)
}

function startsWithBlankLine(text: string, isLast: boolean): boolean {
  const rest = text.trimStart()
  if (rest === '' && isLast) return true
  return text.slice(0, text.length - rest.length).includes('\n')
}

/** The start of the blanks that end a text. A regular expression would try every run of blanks. */
function beforeBlanks(text: string): number {
  let end = text.length
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end -= 1
  return end
}

function cutAfter(tag: TagPiece, text: string, isAlone: boolean): number {
  if (tag.trimAfter) return text.length - text.trimStart().length
  return isAlone ? (/^[ \t]*\r?\n?/.exec(text)?.[0].length ?? 0) : 0
}
