import type { Expression } from './expression.ts'
import type { TemplateSource } from './source.ts'
import { QuotedText } from './value.ts'
import type { TemplateValue } from './value.ts'

const words = new Set(['false', 'no', 'off', '0'])

/** Functions that test their arguments for truth. */
export const testingFunctions: ReadonlySet<string> = new Set(['and', 'or', 'not'])

/**
 * Warns of a test of a string such as "false", which is true, as every string but the empty one is.
 * Parameters of Argo CD are strings unless a values.schema.json gives another type.
 */
export function warnOfWord(
  value: TemplateValue,
  expression: Expression,
  source: TemplateSource
): void {
  const text = value instanceof QuotedText ? value.unquoted : value
  if (typeof text !== 'string' || !words.has(text.toLowerCase())) return
  // These have warned of their arguments already.
  if (expression.kind === 'call' && testingFunctions.has(expression.name)) return
  source.warn(
    `${source.locate(expression.offset)}: ${nameOf(expression)} is the string ${JSON.stringify(text)}, which is true: give it the type boolean in values.schema.json, or compare it with eq`
  )
}

function nameOf(expression: Expression): string {
  switch (expression.kind) {
    case 'path':
      return expression.text
    case 'call':
      return `the result of ${expression.name}`
    case 'literal':
      return 'the tested text'
  }
}
