import { execFileSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { textRenderer } from '../../common/text-templates.ts'
import { precompile } from '../../scripts/generate-templates.ts'

/** Precompiles templates as the build does and loads them as the process does. */
async function rendererOf(t: Test, texts: Readonly<Record<string, string>>) {
  const file = path.join(t.testdir({}), 'templates.mjs')
  const members = Object.entries(texts).map(
    ([name, text]) => `'${name}': ${precompile(name, text)}`
  )
  writeFileSync(file, `export const templates = { ${members.join(',')} }`)
  const { templates } = (await import(pathToFileURL(file).href)) as {
    templates: Record<string, object>
  }
  return textRenderer(templates)
}

t.test('values are escaped in elements and in attributes', async t => {
  const render = await rendererOf(t, {
    page: '<a title="{{title}}">{{text}}</a> {{number}}{{none}}'
  })
  t.equal(
    render('page', { title: `"><script>&amp;'=\``, text: '</a>', number: 0, none: null }),
    '<a title="&quot;&gt;&lt;script&gt;&amp;amp;&#x27;&#x3D;&#x60;">&lt;/a&gt;</a> 0'
  )
})

t.test('a value is not a template', async t => {
  const render = await rendererOf(t, { page: '{{text}}' })
  t.equal(render('page', { text: '{{constructor}} {{> page}}' }), '{{constructor}} {{&gt; page}}')
})

t.test('templates are partials of each other, and a page can fill a layout', async t => {
  const render = await rendererOf(t, {
    layout: '<title>{{title}}</title>{{> @partial-block}}',
    page: '{{#> layout}}{{#each rows}}{{> row}}{{else}}nothing{{/each}}{{/layout}}',
    row: '[{{name}}{{#if note}}: {{note}}{{/if}}]'
  })
  const rows = [
    { name: 'a<', note: null },
    { name: 'b', note: 'c' }
  ]
  t.equal(render('page', { title: 'T', rows }), '<title>T</title>[a&lt;][b: c]')
  t.equal(render('page', { title: 'T', rows: [] }), '<title>T</title>nothing')
})

t.test(
  'a member that the view does not have is an error, also in if, each and a partial',
  async t => {
    const render = await rendererOf(t, {
      value: '{{typo}}',
      nested: '{{a.typo}}',
      if: '{{#if typo}}{{/if}}',
      each: '{{#each typo}}{{/each}}',
      partial: '{{> value typo}}'
    })
    const view = { a: {} }
    t.throws(() => render('value', view), {
      message: '"typo" not defined in [object Object] - 1:2'
    })
    t.throws(() => render('nested', view), {
      message: '"typo" not defined in [object Object] - 1:2'
    })
    t.throws(() => render('if', view), { message: '{{#if}} has no value' })
    t.throws(() => render('each', view), { message: '{{#each}} has no value' })
    t.throws(() => render('partial', view), { message: '"typo" not defined in undefined - 1:2' })
  }
)

t.test('inherited members are not read', async t => {
  const render = await rendererOf(t, {
    page: '[{{constructor}}{{toString}}{{__proto__}}{{list.map}}{{inherited}}]'
  })
  const view = Object.assign(Object.create({ inherited: 'secret' }) as object, { list: [1] })
  t.equal(render('page', view), '[]')
})

t.test('what the build refuses in a template', t => {
  const refused = [
    ['\n{{{x}}}', 'page.hbs:2 shows a value unescaped'],
    ['{{&x}}', 'page.hbs:1 shows a value unescaped'],
    ['{{#if a}}{{{x}}}{{/if}}', 'page.hbs:1 shows a value unescaped'],
    ['{{#a}}{{/a}}', 'page.hbs:1 has a block without a helper'],
    ['{{> page title=x}}', 'page.hbs:1 gives a partial named arguments'],
    ['{{#> page title=x}}{{/page}}', 'page.hbs:1 gives a partial named arguments'],
    ['{{> (x)}}', 'page.hbs:1 computes a partial'],
    ['{{#*inline "x"}}{{/inline}}', 'page.hbs:1 has a decorator'],
    ['{{*x}}', 'page.hbs:1 has a decorator'],
    ['{{x y}}', 'You specified knownHelpersOnly, but used the unknown helper x - 1:0'],
    ['{{log x}}', 'You specified knownHelpersOnly, but used the unknown helper log - 1:0'],
    ['{{lookup x y}}', 'You specified knownHelpersOnly, but used the unknown helper lookup - 1:0'],
    [
      '{{#with x}}{{/with}}',
      'You specified knownHelpersOnly, but used the unknown helper with - 1:0'
    ],
    [
      '{{#unless x}}{{/unless}}',
      'You specified knownHelpersOnly, but used the unknown helper unless - 1:0'
    ]
  ] as const
  for (const [text, message] of refused) {
    t.throws(() => precompile('page', text), { message }, text)
  }
  t.end()
})

t.test('production code imports nothing of Handlebars but its runtime and its types', t => {
  const rooms = '{analysis,bin,common,evidence,plugin,service,webhook}'
  const imports = globSync(`${rooms}/**/*.{ts,js}`).flatMap(file =>
    [...readFileSync(file, 'utf8').matchAll(/^.*['"]handlebars[^'"]*['"].*$/gm)].map(
      ([line]) => `${file}: ${line}`
    )
  )
  t.same(imports, [
    "common/text-templates.ts: import type Handlebars from 'handlebars'",
    "common/text-templates.ts: import untyped from 'handlebars/runtime.js'"
  ])
  t.end()
})

t.test('a process that has loaded the pages has not loaded the compiler', t => {
  const script = `
    import { createRequire } from 'node:module'
    await import('./analysis/view/rollouts-route.ts')
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    console.log(loaded.filter(file => file.includes('handlebars')).map(file => file.split('/handlebars/').pop()).join(' '))`
  const loaded = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8'
  })
  t.match(loaded, /(^| )runtime\.js /)
  t.notMatch(loaded, 'compiler')
  t.end()
})
