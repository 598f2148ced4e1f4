import { otherTool, syntaxFault } from './source.ts'
import type { TemplateSource } from './source.ts'

interface Span {
  /** Offsets into the template; `end` is exclusive. */
  readonly start: number
  readonly end: number
}

/** Literal text. It differs from the source only where a backslash escapes `{{`. */
export interface TextPiece extends Span {
  readonly kind: 'text'
  readonly text: string
}

/** `${GIT_COMMIT}` and the other variables. */
export interface VariablePiece extends Span {
  readonly kind: 'variable'
  readonly name: string
}

/** A `{{…}}` tag; its kind follows from its first character. `raw` is either end of a literal block. */
export interface TagPiece extends Span {
  readonly kind: 'expression' | 'open' | 'close' | 'else' | 'comment' | 'raw'
  /** The text inside the tag without its marks, and its offset. */
  readonly content: string
  readonly contentStart: number
  /** White space control (`{{-`, `{{~`): drop all white space on that side. */
  readonly trimBefore: boolean
  readonly trimAfter: boolean
}

export type Piece = TextPiece | VariablePiece | TagPiece

/** The variables of `${…}`; any other `${…}` is text. */
export const variableNames = [
  'GIT_COMMIT',
  'GIT_COMMIT_SHORT',
  'GIT_COMMIT_SHORT_8',
  'MODEL_COMMIT',
  'MODEL_COMMIT_SHORT',
  'MODEL_DIGEST',
  'MODEL_DIGEST_SHORT',
  'GIT_REPO',
  'ENVIRONMENT'
] as const

/** A variable; the group is its name. `$${GIT_COMMIT}` is text. */
export const variablePattern = `(?<!\\$)\\$\\{(${variableNames.join('|')})\\}`
const next = new RegExp(`\\\\{0,2}\\{\\{|${variablePattern}`, 'g')

/**
 * Splits a template into text, variables and tags by Handlebars' rules: `\{{` is a literal `{{`,
 * `{{!-- … --}}` a comment, `{{{{raw}}}} … {{{{/raw}}}}` a literal block. Helm's comments
 * (`{{/* … *​/}}`) are comments too.
 *
 * @throws {Fault} `TEMPLATE_SYNTAX` for a tag that is not closed
 */
export function scanTemplate(source: TemplateSource): readonly Piece[] {
  const { text } = source
  const pieces: Piece[] = []
  let position = 0
  const addText = (end: number, extra = '') => {
    if (end > position || extra !== '') {
      const kept = text.slice(position, end) + extra
      pieces.push({ kind: 'text', text: kept, start: position, end: end + extra.length })
    }
  }
  next.lastIndex = 0
  for (let found = next.exec(text); found !== null; found = next.exec(text)) {
    const [match, name] = found
    if (name !== undefined) {
      addText(found.index)
      position = next.lastIndex
      pieces.push({ kind: 'variable', name, start: found.index, end: position })
    } else if (match === '\\{{') {
      addText(found.index, '{{')
      position = next.lastIndex
    } else {
      const start = next.lastIndex - 2
      addText(match.startsWith('\\\\') ? start - 1 : start)
      const read = text.startsWith('{{{{', start)
        ? readRaw(source, start)
        : [readTag(source, start)]
      pieces.push(...read)
      position = read.at(-1)?.end ?? next.lastIndex
      next.lastIndex = position
    }
  }
  addText(text.length)
  return pieces
}

function readTag(source: TemplateSource, start: number): TagPiece {
  const { text } = source
  const isTriple = text.startsWith('{{{', start)
  const open = isTriple ? 3 : 2
  const trimBefore = /^(?:~|-(?![0-9.]))/.test(text.slice(start + open, start + open + 2))
  const inner = start + open + (trimBefore ? 1 : 0)
  const end = findEnd(source, start, inner, isTriple ? '}}}' : '}}')
  // The dash of `--}}` ends a comment.
  const isNote = /^\s*!/.test(text.slice(inner, inner + 40))
  const trim = isNote ? /~/ : /[-~]/
  const trimAfter = trim.test(text.charAt(end - open - 1)) && end - open - 1 >= inner
  const innerEnd = end - open - (trimAfter ? 1 : 0)
  return { ...classify(text.slice(inner, innerEnd), inner), start, end, trimBefore, trimAfter }
}

function classify(
  inner: string,
  innerStart: number
): Pick<TagPiece, 'kind' | 'content' | 'contentStart'> {
  const body = inner.trim()
  const bodyStart = innerStart + inner.indexOf(body)
  if (body.startsWith('!') || body.startsWith('/*')) {
    return { kind: 'comment', content: '', contentStart: bodyStart }
  }
  const mark = /^(?:#\s*|\/\s*|&\s*|\^\s*$|else(?=\s*$|\s+[a-z]))/.exec(body)?.[0] ?? ''
  const content = body.slice(mark.length)
  const rest = { content: content.trim(), contentStart: bodyStart + mark.length }
  switch (mark.charAt(0)) {
    case '#':
      return { kind: 'open', ...rest }
    case '/':
      return { kind: 'close', ...rest }
    case '^':
    case 'e':
      return {
        kind: 'else',
        content: rest.content,
        contentStart: rest.contentStart + content.indexOf(rest.content)
      }
    default:
      return { kind: 'expression', ...rest }
  }
}

function findEnd(source: TemplateSource, start: number, inner: number, close: string): number {
  const { text } = source
  const head = /^\s*(!--|!|\/\*)/.exec(text.slice(inner, inner + 40))?.[1]
  if (head !== undefined) return findCommentEnd(source, start, inner, head)
  const token = /["'`]|\}\}\}?|\{\{/g
  token.lastIndex = inner
  for (let found = token.exec(text); found !== null; found = token.exec(text)) {
    if (found[0] === '{{') break
    if (!found[0].startsWith('}}'))
      token.lastIndex = source.strings.endOf(found.index) ?? token.lastIndex
    else {
      if (close === '}}') return found.index + 2
      if (found[0] === close) return found.index + 3
      break
    }
  }
  throw syntaxFault(source, start, 'the tag is not closed', `Close it with ${close}. ${otherTool}`)
}

function findCommentEnd(
  source: TemplateSource,
  start: number,
  inner: number,
  head: string
): number {
  const close = { '!--': /--[~-]?\}\}/g, '!': /\}\}/g, '/*': /\*\/\s*[~-]?\}\}/g }[head] ?? /\}\}/g
  close.lastIndex = inner
  if (close.exec(source.text) === null)
    throw syntaxFault(source, start, 'the comment is not closed')
  return close.lastIndex
}

function readRaw(source: TemplateSource, start: number): readonly Piece[] {
  const { text } = source
  const opening = /\{\{\{\{\s*raw\s*\}\}\}\}/y
  opening.lastIndex = start
  const closing = /\{\{\{\{\/\s*raw\s*\}\}\}\}/g
  closing.lastIndex = start
  const found = opening.test(text) ? closing.exec(text) : null
  if (found === null) {
    throw syntaxFault(
      source,
      start,
      'four braces start a raw block, which is incomplete',
      'Write {{{{raw}}}} … {{{{/raw}}}}.'
    )
  }
  const [bodyStart, bodyEnd] = [opening.lastIndex, found.index]
  const body = { start: bodyStart, end: bodyEnd, text: text.slice(bodyStart, bodyEnd) }
  return [
    rawTag(start, bodyStart),
    ...(body.text === '' ? [] : [{ kind: 'text', ...body } as const]),
    rawTag(bodyEnd, closing.lastIndex)
  ]
}

function rawTag(start: number, end: number): TagPiece {
  const position = { start, end, contentStart: start }
  return { kind: 'raw', content: '', ...position, trimBefore: false, trimAfter: false }
}
