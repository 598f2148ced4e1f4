import { createHash } from 'node:crypto'
import t from 'tap'
import { everySource, historyOf } from './every-source.ts'
import { ImportedHistory } from './imported-history.ts'
import type { ImportedCommit } from './imported-history.ts'

const history = new ImportedHistory()
t.teardown(() => {
  history.remove()
})

const trains = (content: string, parents: readonly number[], message = ''): ImportedCommit => ({
  files: { 'src/train.py': content },
  parents,
  seconds: 1000,
  message
})

const objectId = (type: string, content: string) =>
  createHash('sha1')
    .update(`${type} ${Buffer.byteLength(content)}\0${content}`)
    .digest('hex')

/** Two texts with `idOf` the first and `otherIdOf` the second starting with the same seven digits. */
function collision(
  idOf: (text: string) => string,
  otherIdOf: (text: string) => string
): readonly [string, string] {
  const others = new Map<string, string>()
  for (let index = 0; ; index++) {
    const text = `text ${index}`
    const other = others.get(idOf(text).slice(0, 7))
    if (other !== undefined) return [text, other]
    others.set(otherIdOf(text).slice(0, 7), text)
  }
}

/** The ID of a root commit of {@link trains} with a message. */
function rootCommitId(tree: string, message: string): string {
  const by = 'T <t@t> 1000 +0000'
  return objectId('commit', `tree ${tree}\nauthor ${by}\ncommitter ${by}\n\n${message}`)
}

t.test('short commit IDs', async t => {
  const [known = ''] = history.add([trains('1', [], 'text')])
  const tree = history.git('rev-parse', `${known}^{tree}`)
  t.equal(rootCommitId(tree, 'text'), known, 'as Git computes it')
  const commitId = (message: string) => rootCommitId(tree, message)

  await t.test('that two ancestors share are ambiguous', async t => {
    const [one, two] = collision(commitId, commitId)
    const roots = [trains('1', [], one), trains('1', [], two)]
    const [first = '', second = '', last = ''] = history.add([...roots, trains('1', [0, 1])])
    const tag = first.slice(0, 7)
    t.equal(second.slice(0, 7), tag)
    const { pinOf } = await historyOf(history.root, last)
    const ambiguous = { commit: undefined, isAncestor: false, hasSameSources: false }
    t.same(pinOf(tag), { tag, ...ambiguous })
    const longer = first.slice(0, 12)
    t.equal(pinOf(longer).commit, first, 'more digits')
    t.equal(pinOf(second).commit, second, 'all digits')
    const alone = await historyOf(history.root, first)
    t.equal(alone.pinOf(tag).commit, first, 'a commit that is no ancestor does not count')
  })

  await t.test('that name a file too are the commit', async t => {
    const [message, content] = collision(commitId, text => objectId('blob', text))
    const [first = '', last = ''] = history.add([
      trains('1', [], message),
      { files: { 'src/train.py': '1', other: content }, parents: [0] }
    ])
    const tag = first.slice(0, 7)
    t.equal(objectId('blob', content).slice(0, 7), tag)
    t.equal((await historyOf(history.root, last)).pinOf(tag).commit, first)
  })
})

t.test('tags that are no commits of this history', async t => {
  const [old = '', rewritten = ''] = history.add([trains('1', [], 'old'), trains('1', [], 'new')])
  const { pinOf, modelCommit } = await historyOf(history.root, rewritten)
  t.same(modelCommit, { kind: 'known', commit: rewritten }, 'a history that was rewritten')
  const none = { commit: undefined, isAncestor: false, hasSameSources: false }
  const tags = {
    'a commit before the history was rewritten': old,
    'a commit of another repository': '0123456789'.repeat(4),
    'a date': '20261102',
    'six digits': rewritten.slice(0, 6),
    'capital letters': rewritten.toUpperCase(),
    'more digits than a commit has': `${rewritten}0`,
    'a revision': `${rewritten}^{tree}`,
    'a name': 'main',
    'an option': '--all',
    nothing: ''
  }
  for (const [name, tag] of Object.entries(tags)) t.same(pinOf(tag), { tag, ...none }, name)
})

t.test('file names with any bytes', async t => {
  const names = [
    'new\nline',
    'tab\t"quoted"',
    'back\\slash',
    '\xff',
    '\xfe',
    ':100644',
    'ü',
    '\x01'
  ]
  const at = (content: string, parents: readonly number[], without?: string): ImportedCommit => ({
    files: Object.fromEntries(
      names.filter(name => name !== without).map(name => [`src/${name}`, content])
    ),
    parents
  })
  for (const name of names) {
    const moved = { ...at('1', [0], name), parents: [0] }
    const [first, changed, last = ''] = history.add([at('1', []), moved, at('1', [1])])
    const { modelCommit, pinOf } = await historyOf(history.root, last)
    t.same(modelCommit, { kind: 'known', commit: first }, JSON.stringify(name))
    t.equal(pinOf(changed ?? '').hasSameSources, false, JSON.stringify(name))
  }
  const swapped = (a: string, b: string, parents: readonly number[]): ImportedCommit => ({
    files: { 'src/\xff': a, 'src/\xfe': b },
    parents
  })
  const [, second, third = ''] = history.add([
    swapped('1', '2', []),
    swapped('2', '1', [0]),
    { ...swapped('2', '1', [1]), message: 'x' }
  ])
  const { modelCommit } = await historyOf(history.root, third)
  t.same(modelCommit, { kind: 'known', commit: second }, 'names that are the same as UTF-8')
})

t.test('roots are names, not patterns', async t => {
  const at = (content: string, parents: readonly number[]): ImportedCommit => ({
    files: { 'sr*/train.py': '1', 'src/train.py': content, ':(top)x/train.py': '1' },
    parents
  })
  const ids = history.add([at('1', []), at('2', [0])])
  for (const root of ['sr*', ':(top)x', '--', '-z']) {
    const selection = everySource('sr*', root)
    const { modelCommit } = await historyOf(history.root, ids[1] ?? '', selection)
    t.same(modelCommit, { kind: 'known', commit: ids[0] }, root)
  }
})

t.test('commits with dates that are none', async t => {
  const commits = [trains('1', []), trains('2', [0], 'a'), trains('2', [0], 'b')]
  const [, , dated = ''] = history.add(commits)
  const text = history.git('cat-file', 'commit', dated)
  const write = (seconds: string) =>
    history.write('commit', text.replace(/^committer .*$/m, `committer T <t@t> ${seconds}`))
  const merge = (...parents: readonly string[]) => {
    const names = parents.map(parent => `\nparent ${parent}`).join('')
    return history.write('commit', text.replace(/\nparent .*/, names))
  }
  const modelCommit = async (...parents: readonly string[]) =>
    (await historyOf(history.root, merge(...parents))).modelCommit
  const broken = write('never')
  t.same(await modelCommit(dated, broken), { kind: 'known', commit: broken }, 'no number is 0')
  const late = write(`${2n ** 64n - 1n} +0000`)
  t.same(await modelCommit(late, dated), { kind: 'known', commit: dated }, 'greater than a double')
  const later = write('9007199254740993 +0000')
  const earlier = write('9007199254740992 +0000')
  t.same(await modelCommit(later, earlier), { kind: 'known', commit: earlier })
})

t.test('a folder with many files', async t => {
  const names = Array.from({ length: 20_000 }, (_, index) => `M 644 :1 src/${index % 100}/${index}`)
  const commit = (mark: number, lines: readonly string[]) =>
    `commit refs/heads/many\nmark :${mark}\ncommitter T <t@t> ${mark} +0000\ndata 0\n${lines.join('\n')}\n\n`
  const ids = history.import(
    Buffer.from(
      [
        'blob\nmark :1\ndata 1\n1\n',
        commit(2, names),
        commit(3, ['M 644 inline src/0/0\ndata 1\n2']),
        commit(4, ['M 644 :1 src/0/0']),
        commit(5, ['D src/1']),
        commit(
          6,
          names.filter(name => name.includes('/1/'))
        )
      ].join('')
    )
  )
  const [, first, , third = '', , last = ''] = ids
  t.same((await historyOf(history.root, third)).modelCommit, { kind: 'known', commit: first })
  t.same((await historyOf(history.root, last)).modelCommit, { kind: 'known', commit: first })
})
