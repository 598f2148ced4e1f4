import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import t from 'tap'
import { splitWords } from '../../../plugin/signer/split-words.ts'

const wordsOf = (text: string) => {
  const split = splitWords(text)
  return split.kind === 'words' ? split.words : split.problem
}

t.test('words are split and quoted as by a POSIX shell', t => {
  const cases: readonly [string, readonly string[]][] = [
    ['', []],
    [' \t\n ', []],
    ['a b', ['a', 'b']],
    ['  a\t b\n', ['a', 'b']],
    [`'a b' "c d"`, ['a b', 'c d']],
    [`a'b c'd"e f"g`, ['ab cde fg']],
    [`'' ""`, ['', '']],
    [`a\\ b \\'c\\"`, ['a b', `'c"`]],
    [`'a\\b' "a\\b" "\\\\ \\" \\$ \\\`"`, ['a\\b', 'a\\b', '\\ " $ `']],
    [`"it's" 'say "x"'`, [`it's`, 'say "x"']],
    ['a\\\nb "c\\\nd"', ['ab', 'cd']],
    ['$HOME "$HOME" ~ * {a,b} #x', ['$HOME', '$HOME', '~', '*', '{a,b}', '#x']],
    [`sh -c 'a | b > c; d & e'`, ['sh', '-c', 'a | b > c; d & e']],
    ['--a=b\\|c', ['--a=b|c']],
    ['é ✓', ['é', '✓']]
  ]
  for (const [text, words] of cases) t.same(wordsOf(text), words, text)
  t.end()
})

t.test('what only a shell can run, or that is not whole, is a problem', t => {
  for (const operator of ['|', '&', ';', '<', '>', '(', ')']) {
    const problem = `"${operator}" is not quoted, and no shell runs the program`
    t.equal(wordsOf(`a ${operator} b`), problem)
    t.equal(wordsOf(`a${operator}b`), problem)
  }
  for (const text of [`'a`, `"a`, 'a\\', `"a\\"`, `a 'b' "`]) {
    t.equal(wordsOf(text), 'a quote or backslash at its end quotes nothing', text)
  }
  t.end()
})

const hasSh = spawnSync('sh', ['-c', '']).error === undefined
t.test('sh splits the same', { skip: hasSh ? false : 'sh was not found' }, t => {
  const characters = ['a', 'b', ' ', '\t', '\n', "'", '"', '\\', '-', '=', '/', '.', ',', ':', '%']
  const texts = fc
    .sample(fc.array(fc.constantFrom(...characters), { maxLength: 14 }), { seed: 16, numRuns: 400 })
    .map(each => each.join(''))
  let compared = 0
  for (const text of texts) {
    const split = splitWords(text)
    if (split.kind === 'invalid') continue
    const script = `set -- ${text.replace(/^\s+/, '')}\nfor each; do printf '%s\\0' "$each"; done`
    // A line feed outside of quotes ends the command of a shell; here it separates words.
    const unquoted = text.replaceAll(/'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]/g, '')
    if (unquoted.includes('\n')) continue
    const { stdout, status } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
    t.same([stdout.split('\0').slice(0, -1), status], [split.words, 0], JSON.stringify(text))
    compared += 1
  }
  t.ok(compared > 100, `${compared} texts`)
  t.end()
})
