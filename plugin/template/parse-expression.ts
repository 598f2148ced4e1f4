import { isExactDecimal } from '../../common/exact-decimal.ts'
import type { Expression, PathBase, PathExpression } from './expression.ts'
import { otherTool, syntaxFault } from './source.ts'
import type { TemplateSource } from './source.ts'

interface Token {
  readonly kind: 'string' | 'number' | 'path' | 'punctuation'
  readonly text: string
  readonly offset: number
}

const tokenPattern =
  /\s*(?:("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|(-?(?:0[0-7]+|(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![\w.]))|((?:\.\.\/)*(?:\$(?=\.|$|[\s|)])|@?[A-Za-z_][\w-]*|\.\.?(?![\w[.])|(?=\.[\w[]))(?:[./](?:[\w-]+|\[[^\]\n]*\]))*)|([|()]))/y
const segmentPattern = /[./](?:\[([^\]]*)\]|([\w-]+))/g
const maxNesting = 40
const constants = new Map<string, boolean | null>([
  ['true', true],
  ['false', false],
  ['null', null],
  ['nil', null]
])

/**
 * Parses a pipeline with Helm's rules: `f a b` is a call, `x | f a` passes x as the last argument,
 * parentheses group.
 *
 * @param text the text between the braces; `offset` is its start in the template
 * @throws {Fault} `TEMPLATE_SYNTAX`
 */
export function parseExpression(source: TemplateSource, text: string, offset: number): Expression {
  const parser = new ExpressionParser(source, tokenize(source, text, offset), offset + text.length)
  return parser.whole()
}

function tokenize(source: TemplateSource, text: string, offset: number): readonly Token[] {
  const tokens: Token[] = []
  let position = 0
  const end = text.trimEnd().length
  while (position < end) {
    tokenPattern.lastIndex = position
    const found = tokenPattern.exec(text)
    if (found === null || found[0].trim() === '') {
      throw notValid(source, offset, text, position)
    }
    position = tokenPattern.lastIndex
    tokens.push(tokenOf(found, offset + position))
  }
  return tokens
}

function tokenOf(found: RegExpExecArray, end: number): Token {
  const kinds = ['string', 'number', 'path', 'punctuation'] as const
  const index = found.findIndex(
    (group, at) => at > 0 && (group as string | undefined) !== undefined
  )
  const text = found[index] ?? ''
  return { kind: kinds[index - 1] ?? 'punctuation', text, offset: end - text.length }
}

function notValid(source: TemplateSource, offset: number, text: string, position: number): Error {
  const at = position + text.slice(position).search(/\S/)
  const what = JSON.stringify(text.slice(at, at + 12))
  return syntaxFault(source, offset + at, `${what} is not valid here`, otherTool)
}

class ExpressionParser {
  readonly #source: TemplateSource
  readonly #tokens: readonly Token[]
  readonly #end: number
  #next = 0
  #nesting = 0

  constructor(source: TemplateSource, tokens: readonly Token[], end: number) {
    this.#source = source
    this.#tokens = tokens
    this.#end = end
  }

  whole(): Expression {
    const expression = this.#pipeline()
    const rest = this.#tokens[this.#next]
    if (rest !== undefined) throw this.#fault(`"${rest.text}" is not expected here`)
    return expression
  }

  #fault(message: string): Error {
    const at = this.#tokens[this.#next]?.offset ?? this.#end
    return syntaxFault(this.#source, at, message, otherTool)
  }

  #accept(punctuation: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'punctuation' || token.text !== punctuation) return false
    this.#next++
    return true
  }

  #pipeline(): Expression {
    if (++this.#nesting > maxNesting) throw this.#fault('parentheses are nested too deeply')
    let piped = this.#command(undefined)
    while (this.#accept('|')) piped = this.#command(piped)
    this.#nesting--
    return piped
  }

  #command(piped: Expression | undefined): Expression {
    const first = this.#tokens[this.#next]
    const head = this.#operand()
    const args: Expression[] = []
    while (this.#startsOperand()) args.push(this.#operand())
    if (piped !== undefined) args.push(piped)
    const isName = head.kind === 'path' && head.base.kind === 'name' && head.segments.length === 0
    if (args.length === 0) return head
    if (!isName) {
      throw syntaxFault(
        this.#source,
        head.offset,
        `"${first?.text ?? ''}" is not a function, so it takes no arguments`,
        piped === undefined ? 'Join values with printf.' : 'Pipe into a function.'
      )
    }
    return { kind: 'call', name: head.text, args, offset: head.offset }
  }

  #startsOperand(): boolean {
    const token = this.#tokens[this.#next]
    return token !== undefined && (token.kind !== 'punctuation' || token.text === '(')
  }

  #operand(): Expression {
    if (this.#accept('(')) {
      const inner = this.#pipeline()
      if (!this.#accept(')')) throw this.#fault('a parenthesis is not closed')
      this.#refuseField()
      return inner
    }
    const token = this.#tokens[this.#next]
    if (token === undefined || token.kind === 'punctuation')
      throw this.#fault('a value is expected here')
    this.#next++
    const { offset } = token
    if (token.kind === 'string') return { kind: 'literal', value: this.#string(token), offset }
    if (token.kind === 'number') return { kind: 'literal', value: this.#number(token), offset }
    const constant = constants.get(token.text)
    if (constant !== undefined) return { kind: 'literal', value: constant, offset }
    return this.#path(token)
  }

  /** `(f x).a` is valid in Go; here `.a` would be read as an argument. */
  #refuseField(): void {
    const token = this.#tokens[this.#next]
    const closed = this.#tokens[this.#next - 1]
    if (token?.kind !== 'path' || !token.text.startsWith('.') || closed === undefined) return
    if (token.offset !== closed.offset + closed.text.length) return
    throw syntaxFault(
      this.#source,
      token.offset,
      'a field of a parenthesized expression is not supported',
      `{{#with (…)}}{{ this${token.text} }}{{/with}} reads it. ${otherTool}`
    )
  }

  #number(token: Token): number | bigint {
    const number = numberOf(token.text)
    if (number !== undefined) return number
    throw syntaxFault(
      this.#source,
      token.offset,
      'a number has more digits than a 64-bit number keeps',
      'Put it in quotes.'
    )
  }

  #string(token: Token): string {
    const body = token.text.slice(1, -1)
    if (token.text.startsWith('`')) return body
    if (token.text.startsWith("'")) return body.replace(/\\(['\\])/g, '$1')
    try {
      return JSON.parse(token.text.replaceAll('\t', '\\t')) as string
    } catch {
      throw syntaxFault(
        this.#source,
        token.offset,
        'a string has an unknown escape sequence',
        'Supported: \\" \\\\ \\n \\t \\r and \\uXXXX.'
      )
    }
  }

  #path(token: Token): PathExpression {
    const ups = /^(?:\.\.\/)*/.exec(token.text)?.[0].length ?? 0
    const text = token.text.slice(ups)
    const head = /^(?:\$|@?[A-Za-z_][\w-]*|\.\.?(?![\w[]))?/.exec(text)?.[0] ?? ''
    const segments = [...text.slice(head.length).matchAll(segmentPattern)].map(
      ([, literal, name]) => literal ?? name ?? ''
    )
    const { offset } = token
    return { kind: 'path', ...base(head, segments, ups / 3), text: token.text, offset }
  }
}

/** A leading zero means octal, as in YAML 1.1 and Go. Undefined for a number that would lose digits. */
function numberOf(text: string): number | bigint | undefined {
  if (!/^-?[0-9]+$/.test(text)) return isExactDecimal(text) ? Number(text) : undefined
  const isNegative = text.startsWith('-')
  const digits = isNegative ? text.slice(1) : text
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits)
  const integer = isNegative ? -magnitude : magnitude
  if (integer < -(2n ** 63n) || integer >= 2n ** 64n) return undefined
  return Number.isSafeInteger(Number(integer)) ? Number(integer) : integer
}

function base(
  head: string,
  segments: readonly string[],
  up: number
): { readonly base: PathBase; readonly segments: readonly string[] } {
  if (up === 0 && head === 'Values') return { base: { kind: 'values' }, segments }
  if (up === 0 && roots.has(head) && segments[0] === 'Values') {
    return { base: { kind: 'values' }, segments: segments.slice(1) }
  }
  if (contexts.has(head)) return { base: { kind: 'context', up }, segments }
  if (head === '..') return { base: { kind: 'context', up: up + 1 }, segments }
  if (head.startsWith('@')) return { base: { kind: 'loop', name: head }, segments }
  if (up > 0) return { base: { kind: 'context', up }, segments: [head, ...segments] }
  return { base: { kind: 'name', name: head }, segments }
}

const roots = new Set(['', '.', '$', '@root'])
const contexts = new Set(['', '.', 'this'])
