import fc from 'fast-check'
import Handlebars from 'handlebars'
import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { TemplateOutput } from '../../plugin/template/output.ts'
import { parseTemplate } from '../../plugin/template/parse.ts'
import { renderTemplate, TemplateRenderer } from '../../plugin/template/render-template.ts'
import { rootScope } from '../../plugin/template/scope.ts'
import { TemplateSource } from '../../plugin/template/source.ts'

const data: JsonObject = { yes: true, no: false, list: ['p', 'q'], none: [], s: 'text' }
const handlebars = Handlebars.create()
handlebars.registerHelper('raw', function (this: unknown, options: Handlebars.HelperOptions) {
  return options.fn(this)
})
const byHandlebars = (text: string) =>
  handlebars.compile(text, { noEscape: true })({ Values: data })

/** The rendered text, without parsing it as YAML. */
function byUs(text: string): string {
  const source = new TemplateSource('t', text)
  const output = new TemplateOutput(source)
  new TemplateRenderer(source, output, {}).render(parseTemplate(source), rootScope(data))
  return output.value(output.text, false) as string
}

t.test('a raw block leaves no line', t => {
  const script = [
    'data:',
    '  run.sh: |',
    '    {{{{raw}}}}',
    '    #!/bin/sh',
    '    echo "{{workflow.name}} ${#list}"',
    '    {{{{/raw}}}}',
    ''
  ].join('\n')
  const [document] = renderTemplate('t.yaml', script, { values: {}, variables: {} })
  t.same(document?.value, {
    data: { 'run.sh': '#!/bin/sh\necho "{{workflow.name}} ${#list}"\n' }
  })
  const cases: readonly [string, string][] = [
    ['a: {{{{raw}}}}{{x}}{{{{/raw}}}}', 'a: {{x}}'],
    ['{{{{raw}}}}\nx\n{{{{/raw}}}}', 'x\n'],
    ['a\n  {{{{raw}}}} \r\nx\r\n\t{{{{/raw}}}}\r\nb', 'a\nx\r\nb'],
    ['a\n{{{{raw}}}} x\n{{{{/raw}}}}\nb', 'a\n x\nb'],
    ['a {{{{raw}}}}\nx{{{{/raw}}}}\nb', 'a \nx\nb'],
    ['a\n{{{{raw}}}}\n\n{{{{/raw}}}}\nb', 'a\n\nb'],
    ['a\n{{{{raw}}}}{{{{/raw}}}}\nb', 'a\n\nb'],
    ['{{#if Values.yes}}\n{{{{raw}}}}\n{{x}}\n{{{{/raw}}}}\n{{/if}}\n', '{{x}}\n']
  ]
  for (const [text, expected] of cases) {
    t.equal(byUs(text), expected, text)
    t.equal(byHandlebars(text), expected, 'Handlebars')
  }
  t.end()
})

const space = fc.constantFrom(
  '',
  ' ',
  '\n',
  '\r\n',
  '  \n',
  '\n\t',
  '\n\n',
  ' \r\n ',
  '\f\n',
  '\u00a0',
  '\n\u00a0',
  '\v',
  '\r'
)
const word = fc.constantFrom('a', 'b c', '-', '\n- x', '; ', '{ ', '$', '\\{{x}}')
const text = fc.tuple(space, fc.oneof(word, space), space).map(parts => parts.join(''))
const trim = fc.constantFrom('', '', '', '~')
const tag = (inner: string) => fc.tuple(trim, trim).map(([a, b]) => `{{${a}${inner}${b}}}`)
const path = fc.constantFrom('yes', 'no', 'none', 'list', 's').map(name => `@root.Values.${name}`)

const elseIf = fc
  .tuple(fc.constantFrom('if', 'unless', 'with'), path)
  .chain(([helper, of]) => tag(`else ${helper} ${of}`))

const { template } = fc.letrec<{ template: string; piece: string }>(tie => {
  const block = (open: fc.Arbitrary<string>, middle: fc.Arbitrary<string>, name: string) =>
    fc.tuple(open, tie('template'), middle, tag(`/${name}`)).map(parts => parts.join(''))
  const inverse = fc.oneof(
    fc.constant(''),
    fc
      .tuple(fc.oneof(tag('else'), tag('^'), tag(' else ')), tie('template'))
      .map(parts => parts.join('')),
    fc
      .tuple(
        fc.array(fc.tuple(elseIf, tie('template')), { minLength: 1, maxLength: 4 }),
        fc.option(fc.tuple(tag('else'), tie('template')), { nil: [] })
      )
      .map(parts => parts.flat(2).join(''))
  )
  return {
    template: fc.array(tie('piece'), { maxLength: 6 }).map(pieces => pieces.join('')),
    piece: fc.oneof(
      { depthSize: 'xsmall', withCrossShrink: true },
      text,
      space,
      fc.oneof(tag('@root.Values.s'), fc.constant('{{{@root.Values.s}}}')),
      fc.oneof(tag('! note'), tag('!-- a }} b --')),
      fc
        .tuple(text, fc.constantFrom('{{x}}', '\n{{#if y}}\n', '', '{{!'))
        .map(
          ([inner, braces]) =>
            `{{{{raw}}}}${(inner + braces).replaceAll('\\', '')}${inner.replaceAll('\\', '')}{{{{/raw}}}}`
        ),
      block(
        path.chain(of => tag(`#if ${of}`)),
        inverse,
        'if'
      ),
      block(
        path.chain(of => tag(`#unless ${of}`)),
        inverse,
        'unless'
      ),
      block(
        path.chain(of => tag(`#with ${of}`)),
        inverse,
        'with'
      ),
      block(
        fc.constantFrom('list', 'none').chain(name => tag(`#each @root.Values.${name}`)),
        inverse,
        'each'
      )
    )
  }
})

t.test('the white space of every tag is that of Handlebars', t => {
  fc.assert(
    fc.property(template, source => {
      const [expected, ours] = [byHandlebars(source), byUs(source)]
      if (ours === expected) return
      throw new Error(`${JSON.stringify([source, ours])} is not ${JSON.stringify(expected)}`)
    }),
    { seed: 17, numRuns: 1_000 }
  )
  t.end()
})
