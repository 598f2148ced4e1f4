import t from 'tap'
import { stringifyJson } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { compareDocuments } from './fuzz/documents.ts'
import { Findings } from './fuzz/findings.ts'
import { randomDocument } from './fuzz/random-document.ts'
import { Random } from './fuzz/random.ts'
import { compareTemplate, randomTemplate } from './fuzz/templates.ts'
import { makeTree, removeTree, renderTree } from './fuzz/trees.ts'

/** A fixed sample of `npm run fuzz`, which runs 100,000 cases. */
t.test('templates render as with Handlebars', t => {
  const random = new Random(17)
  const findings = new Findings()
  for (let made = 0; made < 300; made += 1)
    findings.add('templates', compareTemplate(randomTemplate(random)))
  t.same(findings.differences, [])
  t.match(findings.lines().join('\n'), /^templates, same: 2\d\d$/m)
  t.end()
})

t.test('a template that differs from Handlebars is found', t => {
  t.match(compareTemplate('{{#if @root.Values.list}}a{{/if}}\n'), { kind: 'same' })
  t.match(compareTemplate('{{ .Values.s }}'), { kind: 'refused', reason: 'by Handlebars only' })
  t.match(compareTemplate('{{#each @root.Values.list}}'), { kind: 'refused' })
  t.match(compareTemplate('{{@root.Values.list}}'), { kind: 'refused' })
  t.end()
})

t.test('trees render, or are refused with the name of a file', async t => {
  const random = new Random(17)
  const findings = new Findings()
  for (let made = 0; made < 60; made += 1) {
    const tree = makeTree(random)
    findings.add('trees', await renderTree(tree, random))
    removeTree(tree)
  }
  t.same(findings.differences, [])
  t.match(findings.lines().join('\n'), /^trees, same: [1-9]/m)
})

t.test('what is written is read as it was', async t => {
  const random = new Random(17)
  const texts = Array.from({ length: 300 }, () => randomDocument(random))
  const read = (all: readonly string[]) => Promise.resolve(all.map(byUs))
  const outcomes = await compareDocuments(texts, { read })
  t.same(
    outcomes.filter(({ kind }) => kind === 'differs'),
    [],
    'what is written is read again'
  )
  const other = await compareDocuments(['a: 0o17\n', 'a: yes\n', 'a: [\n'], {
    read: all => Promise.resolve(all.map(() => '{"a":1}'))
  })
  t.match(other, [{ kind: 'differs' }, { kind: 'differs' }, { kind: 'refused' }])
})

function byUs(text: string): string {
  try {
    return stringifyJson(readYaml(text, { file: 'f', exactNumbers: 'integers' })[0]?.value ?? null)
  } catch {
    return '!'
  }
}
