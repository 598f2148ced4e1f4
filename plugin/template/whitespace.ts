import type { Piece, TagPiece, TextPiece } from './scan.ts'

/**
 * Applies Handlebars' white space control: a block tag, `{{else}}` or a comment alone on its line removes
 * the whole line; `{{-`, `{{~` and their closing forms remove all white space on their side.
 */
export function controlWhitespace(pieces: readonly Piece[]): readonly Piece[] {
  const cut = pieces.map(() => ({ before: 0, after: 0 }))
  pieces.forEach((piece, index) => {
    if (piece.kind === 'text' || piece.kind === 'variable') return
    const [previous, following] = [pieces[index - 1], pieces[index + 1]]
    const [left, right] = [cut[index - 1], cut[index + 1]]
    const isAlone = standsAlone(pieces, index)
    if (left !== undefined && previous?.kind === 'text') {
      left.after = Math.max(left.after, cutBefore(piece, previous.text, isAlone))
    }
    if (right !== undefined && following?.kind === 'text') {
      right.before = Math.max(right.before, cutAfter(piece, following.text, isAlone))
    }
  })
  return pieces.flatMap((piece, index): readonly Piece[] => {
    const { before = 0, after = 0 } = cut[index] ?? {}
    return piece.kind === 'text' ? trimmed(piece, before, after) : [piece]
  })
}

function trimmed(piece: TextPiece, before: number, after: number): readonly TextPiece[] {
  const text = piece.text.slice(before, Math.max(before, piece.text.length - after))
  return text === '' ? [] : [{ ...piece, text, start: piece.start + before }]
}

function standsAlone(pieces: readonly Piece[], index: number): boolean {
  const [previous, tag, following] = [pieces[index - 1], pieces[index], pieces[index + 1]]
  const isLast = index === pieces.length - 2
  if (tag?.kind === 'expression' || tag?.kind === 'raw') return false
  if (previous !== undefined && !endsWithBlankLine(previous)) return false
  if (following === undefined) return true
  if (following.kind !== 'text') return false
  return (isLast ? /^[ \t]*(?:\r?\n|$)/ : /^[ \t]*\r?\n/).test(following.text)
}

function cutBefore(tag: TagPiece, text: string, isAlone: boolean): number {
  if (tag.trimBefore) return text.length - text.trimEnd().length
  return isAlone ? text.length - beforeBlanks(text) : 0
}

function endsWithBlankLine(piece: Piece): boolean {
  if (piece.kind !== 'text') return false
  const end = beforeBlanks(piece.text)
  return end === 0 ? piece.start === 0 : piece.text[end - 1] === '\n'
}

/** The start of the blanks that end a text. A regular expression would try every run of blanks. */
function beforeBlanks(text: string): number {
  let end = text.length
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end -= 1
  return end
}

function cutAfter(tag: TagPiece, text: string, isAlone: boolean): number {
  if (tag.trimAfter) return text.length - text.trimStart().length
  return isAlone ? (/^[ \t]*(?:\r?\n)?/.exec(text)?.[0].length ?? 0) : 0
}
