import type { Expression } from './expression.ts'
import { refuseHelmConstruct } from './helm-construct.ts'
import { expressionOf } from './known-expressions.ts'
import { parseExpression } from './parse-expression.ts'
import { scanTemplate } from './scan.ts'
import type { TagPiece } from './scan.ts'
import { otherTool, syntaxFault } from './source.ts'
import type { TemplateSource } from './source.ts'
import { QuotedStrings } from './quoted.ts'
import { controlWhitespace } from './whitespace.ts'

/** The block helpers of this dialect, with Handlebars' meaning. */
export type BlockHelper = 'if' | 'unless' | 'each' | 'with'

export interface TextNode {
  readonly kind: 'text'
  readonly text: string
  /** The offset of the text in the template. */
  readonly offset: number
}

export interface ValueNode {
  readonly kind: 'value'
  readonly expression: Expression
  readonly offset: number
}

export interface VariableNode {
  readonly kind: 'variable'
  readonly name: string
  readonly offset: number
}

export interface BlockNode {
  readonly kind: 'block'
  readonly helper: BlockHelper
  readonly expression: Expression
  /** `as |item index|` */
  readonly parameters: readonly string[]
  /** `includeZero=true` of `#if` and `#unless`: zero counts as true. */
  readonly includeZero: boolean
  readonly body: readonly TemplateNode[]
  readonly inverse: readonly TemplateNode[]
  /** Whether the block has an `{{else}}`, even an empty one. */
  readonly hasInverse: boolean
  readonly offset: number
}

export type TemplateNode = TextNode | ValueNode | VariableNode | BlockNode

interface OpenBlock {
  readonly helper: BlockHelper
  readonly name: string
  readonly header: Pick<BlockNode, 'expression' | 'parameters' | 'includeZero'>
  readonly offset: number
  readonly body: TemplateNode[]
  readonly inverse: TemplateNode[]
  hasInverse: boolean
  /** Opened by `{{else if}}`: the closing tag of the outer block closes this one too. */
  readonly isChained: boolean
}

const helpers = ['if', 'unless', 'each', 'with'] as const
const maxNesting = 50

/**
 * Reads a template into a tree.
 *
 * @throws {Fault} `TEMPLATE_SYNTAX`, `TEMPLATE_HELM_CONSTRUCT`
 */
export function parseTemplate(source: TemplateSource): readonly TemplateNode[] {
  const builder = new TreeBuilder(source)
  for (const piece of controlWhitespace(scanTemplate(source))) {
    if (piece.kind === 'text') {
      builder.add({ kind: 'text', text: piece.text, offset: piece.start })
    } else if (piece.kind === 'variable') {
      builder.add({ kind: 'variable', name: piece.name, offset: piece.start })
    } else builder.tag(piece)
  }
  return builder.finish()
}

class TreeBuilder {
  readonly #source: TemplateSource
  readonly #root: TemplateNode[] = []
  readonly #open: OpenBlock[] = []

  constructor(source: TemplateSource) {
    this.#source = source
  }

  add(node: TemplateNode): void {
    const block = this.#open.at(-1)
    if (block === undefined) this.#root.push(node)
    else (block.hasInverse ? block.inverse : block.body).push(node)
  }

  tag(tag: TagPiece): void {
    switch (tag.kind) {
      case 'comment':
      case 'raw':
        return
      case 'open':
        this.#openBlock(tag, false)
        return
      case 'else':
        this.#elseTag(tag)
        return
      case 'close':
        this.#close(tag)
        return
      case 'expression':
        this.add({ kind: 'value', expression: this.#expression(tag), offset: tag.start })
    }
  }

  finish(): readonly TemplateNode[] {
    const block = this.#open.at(-1)
    if (block !== undefined) {
      throw syntaxFault(
        this.#source,
        block.offset,
        `{{#${block.helper}}} is not closed`,
        `Close it with {{/${block.name}}}.`
      )
    }
    return this.#root
  }

  #expression(tag: TagPiece): Expression {
    return expressionOf(tag.content, tag.contentStart, () => this.#newExpression(tag))
  }

  #newExpression(tag: TagPiece): Expression {
    const withoutStrings = new QuotedStrings(tag.content).masked()
    refuseHelmConstruct(this.#source, tag.contentStart, withoutStrings)
    if (/^[>*]/.test(tag.content)) {
      throw syntaxFault(
        this.#source,
        tag.start,
        'partials and decorators are not supported',
        otherTool
      )
    }
    return parseExpression(this.#source, tag.content, tag.contentStart)
  }

  #openBlock(tag: TagPiece, isChained: boolean): void {
    if (this.#open.length >= maxNesting) {
      throw syntaxFault(this.#source, tag.start, 'blocks are nested too deeply')
    }
    const [, word = '', space = ''] = /^(\S*)(\s*)/.exec(tag.content) ?? []
    const helper = helpers.find(known => known === word)
    if (helper === undefined) {
      throw syntaxFault(
        this.#source,
        tag.start,
        `{{#${word}}} is not a block helper`,
        `Block helpers: ${helpers.map(known => `#${known}`).join(', ')}. ${otherTool}`
      )
    }
    const skipped = word.length + space.length
    this.#open.push({
      helper,
      name: isChained ? (this.#open.at(-1)?.name ?? helper) : helper,
      header: this.#header(helper, {
        ...tag,
        content: tag.content.slice(skipped),
        contentStart: tag.contentStart + skipped
      }),
      offset: tag.start,
      body: [],
      inverse: [],
      hasInverse: false,
      isChained
    })
  }

  #header(helper: BlockHelper, tag: TagPiece): OpenBlock['header'] {
    const { head, parameters } = splitParameters(tag.content)
    const withoutZero = withoutLast(head, 'includeZero=true')
    const isTest = helper === 'if' || helper === 'unless'
    const content = isTest ? (withoutZero ?? head) : head
    if (content === '') {
      throw syntaxFault(this.#source, tag.start, `{{#${helper}}} has no argument`)
    }
    return {
      expression: this.#expression({ ...tag, content }),
      parameters,
      includeZero: isTest && withoutZero !== undefined
    }
  }

  #elseTag(tag: TagPiece): void {
    const block = this.#open.at(-1)
    if (block === undefined)
      throw syntaxFault(this.#source, tag.start, '{{else}} is outside a block')
    if (block.hasInverse)
      throw syntaxFault(this.#source, tag.start, 'a block has a second {{else}}')
    block.hasInverse = true
    if (tag.content !== '') this.#openBlock(tag, true)
  }

  #close(tag: TagPiece): void {
    const block = this.#open.at(-1)
    if (block?.name !== tag.content) {
      throw syntaxFault(
        this.#source,
        tag.start,
        `{{/${tag.content}}} closes no open block`,
        block === undefined ? 'Remove it.' : `The open block is {{#${block.name}}}.`
      )
    }
    let closed: OpenBlock | undefined
    do {
      closed = this.#open.pop()
      if (closed !== undefined) this.#addBlock(closed)
    } while (closed?.isChained === true)
  }

  #addBlock(block: OpenBlock): void {
    const { helper, header, body, inverse, hasInverse, offset } = block
    this.add({ kind: 'block', helper, ...header, body, inverse, hasInverse, offset })
  }
}

/** `list as |item index|`: the text before `as`, and the names. */
function splitParameters(content: string): {
  readonly head: string
  readonly parameters: readonly string[]
} {
  const none = { head: content, parameters: [] }
  if (!content.endsWith('|')) return none
  const bar = content.lastIndexOf('|', content.length - 2)
  const names = content.slice(bar + 1, -1).trim()
  const before = content.slice(0, Math.max(0, bar))
  const head = /\s$/.test(before) ? withoutLast(before.trimEnd(), 'as') : undefined
  if (head === undefined || !/^[\w\s-]*$/.test(names)) return none
  return { head, parameters: names.split(/\s+/) }
}

/** `text` without its last word if that is `word`; otherwise undefined. */
function withoutLast(text: string, word: string): string | undefined {
  if (!text.endsWith(word)) return undefined
  const before = text.slice(0, -word.length)
  return /\s$/.test(before) ? before.trimEnd() : undefined
}
