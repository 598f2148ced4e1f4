import { Fault } from '../common/fault.ts'
import type { ScalarStyle } from '../common/yaml/scalar-styles.ts'
import { scanTemplate } from './template/scan.ts'
import type { Piece, TagPiece } from './template/scan.ts'
import { TemplateSource } from './template/source.ts'

/** How a string of an item is written in its file; `unknown` if its sender printed it anew. */
export type WrittenStyle = ScalarStyle | 'unknown'

/**
 * Refuses a string that another tool has parsed if its text in the file can render differently: quotes have
 * escapes, and folded text has lost its lines. In a string of unknown style, `\{{` counts as written
 * outside double quotes, because a render refuses it inside, and several lines count as a literal block.
 *
 * @param name of the object in messages
 * @throws {Fault} `TEMPLATE_SYNTAX`
 */
export function refuseLostText(name: string, text: string, style: WrittenStyle): void {
  if (style === 'plain' || style === 'literal') return
  const pieces = scanTemplate(new TemplateSource(name, text))
  const problem = pieces.map(piece => problemOf(text, piece, style)).find(Boolean)
  if (problem === undefined) return
  throw new Fault('TEMPLATE_SYNTAX', problem, {
    where: name,
    found:
      style === 'unknown'
        ? 'a string that another tool has parsed: its quotes in the file are not known'
        : `a string in ${style === 'folded' ? 'a folded block scalar (>)' : style}`,
    remedy:
      style === 'unknown'
        ? 'Write it in another way, or use a RenderGenerator, which reads the file.'
        : 'Write it in a literal block scalar (|).'
  })
}

const lostQuotes: Readonly<Partial<Record<WrittenStyle, RegExp>>> = {
  'double quotes': /"/,
  'single quotes': /'/,
  unknown: /"[^"]*'[^"]*"|`[^`]*'[^`]*`/
}

function problemOf(text: string, piece: Piece, style: WrittenStyle): string | undefined {
  if (style === 'double quotes' && isEscaped(text, piece))
    return 'a backslash before {{ in double quotes'
  if (piece.kind === 'text' || piece.kind === 'variable') return undefined
  return (
    (piece.kind === 'expression' ? undefined : lineProblem(text, piece, style)) ??
    expressionProblem(text.slice(piece.start, piece.end), style)
  )
}

/** A tag that is alone on its line is removed with it, but the lines can be others in the file. */
function lineProblem(text: string, tag: TagPiece, style: WrittenStyle): string | undefined {
  const canBeFolded = style === 'folded' || (style === 'unknown' && !/\n./.test(text))
  if (canBeFolded && isApart(text, tag))
    return 'a block tag between white space, where folded text (>) can have ended a line'
  return style === 'double quotes' && isAlone(text, tag)
    ? 'a block tag between \\n in double quotes'
    : undefined
}

function expressionProblem(written: string, style: WrittenStyle): string | undefined {
  const hasEscapes = style === 'double quotes' || style === 'unknown'
  if (hasEscapes && written.includes('\\')) return 'an expression in quotes contains a backslash'
  return lostQuotes[style]?.test(written) === true
    ? 'an expression in quotes contains a quote'
    : undefined
}

/** Whether a backslash changes the braces after it. */
function isEscaped(text: string, piece: Piece): boolean {
  return piece.kind === 'text'
    ? piece.text !== text.slice(piece.start, piece.end)
    : piece.kind !== 'variable' && text[piece.start - 1] === '\\'
}

/** Whether white space or an end of the text is on both sides, where a line could have ended. */
function isApart(text: string, { start, end }: TagPiece): boolean {
  return /^$|\s/.test(text.charAt(start - 1)) && /^$|\s/.test(text.charAt(end))
}

/** Whether a tag is alone on one of several lines. */
function isAlone(text: string, { start, end }: TagPiece): boolean {
  let [before, after] = [start, end]
  while (isBlank(text[before - 1])) before -= 1
  while (isBlank(text[after])) after += 1
  const isFirst = before === 0
  const isLast = after === text.length
  return (
    (isFirst || text[before - 1] === '\n') &&
    (isLast || text[after] === '\n') &&
    !(isFirst && isLast)
  )
}

const isBlank = (character: string | undefined) => character === ' ' || character === '\t'
