import t from 'tap'
import { Fault } from '../../common/fault.ts'
import type { Expression } from '../../plugin/template/expression.ts'
import { parseTemplate } from '../../plugin/template/parse.ts'
import { TemplateSource } from '../../plugin/template/source.ts'

const text = '.Values.a.b | default (printf "%d" 1) .Values.c'

function expressionIn(before: string): Expression | undefined {
  const node = parseTemplate(new TemplateSource('a.yaml', `${before}{{ ${text} }}`)).at(-1)
  return node?.kind === 'value' ? node.expression : undefined
}

/** The texts of all paths of an expression, as its template has them at their offsets. */
function pathsAt(template: string, expression: Expression | undefined): readonly string[] {
  if (expression?.kind === 'call') return expression.args.flatMap(arg => pathsAt(template, arg))
  if (expression?.kind !== 'path') return []
  const { offset, text } = expression
  return [template.slice(offset, offset + text.length)]
}

t.test('an expression that is known is the one that is parsed, at its own place', t => {
  for (const before of ['', 'a: ', 'ä:\n  b: ', '']) {
    const found = expressionIn(before)
    t.same(pathsAt(`${before}{{ ${text} }}`, found), ['.Values.c', '.Values.a.b'], before)
    t.equal(found?.offset, before.length + '{{ .Values.a.b | '.length)
  }
  t.end()
})

t.test('a text that cannot be parsed is a fault each time, at its own place', t => {
  for (const [before, where] of [
    ['', 'a.yaml:1:4'],
    ['a: 1\n', 'a.yaml:2:4'],
    ['a: ', 'a.yaml:1:7']
  ] as const) {
    try {
      parseTemplate(new TemplateSource('a.yaml', `${before}{{ ) }}`))
      t.fail(before)
    } catch (error) {
      t.equal(error instanceof Fault ? error.details.where : error, where)
    }
  }
  t.end()
})
