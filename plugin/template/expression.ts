import type { JsonValue } from '../../common/json.ts'

/** Where a path starts. */
export type PathBase =
  /** `.Values`, `Values`, `$.Values`, `@root.Values`: the values, in any block. */
  | { readonly kind: 'values' }
  /** `.`, `this`, `../` (`up` blocks out). */
  | { readonly kind: 'context'; readonly up: number }
  /** `@index`, `@key`, `@first`, `@last` of the innermost loop. */
  | { readonly kind: 'loop'; readonly name: string }
  /** A bare name: a block parameter, or a member of the context. */
  | { readonly kind: 'name'; readonly name: string }

export interface PathExpression {
  readonly kind: 'path'
  readonly base: PathBase
  readonly segments: readonly string[]
  /** The text in the template, for messages. */
  readonly text: string
  readonly offset: number
}

export interface CallExpression {
  readonly kind: 'call'
  readonly name: string
  readonly args: readonly Expression[]
  readonly offset: number
}

export interface LiteralExpression {
  readonly kind: 'literal'
  readonly value: JsonValue
  readonly offset: number
}

/** A parsed expression: a literal, a path, or a function call. */
export type Expression = LiteralExpression | PathExpression | CallExpression
