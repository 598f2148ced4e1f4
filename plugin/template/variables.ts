import type { TemplateNode } from './parse.ts'
import { variablePattern } from './scan.ts'
import type { TemplateSource } from './source.ts'

/** Splits a text in which only variables are replaced: braces and `\{{` are text. */
export function parseVariables({ text }: TemplateSource): readonly TemplateNode[] {
  const nodes: TemplateNode[] = []
  let position = 0
  for (const { 0: match, 1: name = '', index } of text.matchAll(new RegExp(variablePattern, 'g'))) {
    nodes.push({ kind: 'text', text: text.slice(position, index), offset: position })
    nodes.push({ kind: 'variable', name, offset: index })
    position = index + match.length
  }
  return [...nodes, { kind: 'text', text: text.slice(position), offset: position }]
}
