import { execFileSync } from 'node:child_process'
import { appendFileSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { ContentHistory, SourceSelection } from '../../plugin/origin/source-selection.ts'
import { historyOf } from './every-source.ts'
import { ImportedHistory } from './imported-history.ts'
import type { ImportedCommit } from './imported-history.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-clones-'))
const history = new ImportedHistory()
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true })
  history.remove()
})

const trains = (content: string, parents: readonly number[]): ImportedCommit => ({
  files: { 'src/train.py': content, [`log/${content}`]: content },
  parents
})

/** The content of the second commit, which is merged, comes back in the last one. */
const ids = history.add([
  trains('1', []),
  trains('2', [0]),
  trains('3', [0]),
  trains('4', [2, 1]),
  trains('5', [3]),
  trains('2', [4])
])
const [first = '', second = '', , , fifth = '', last = ''] = ids
history.git('config', 'uploadpack.allowFilter', 'true')
const url = `file://${history.root}`

function git(cwd: string, ...args: readonly string[]): string {
  const settings = ['-c', 'protocol.file.allow=always']
  const env = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', [...settings, ...args], { cwd, env, encoding: 'utf8', stdio: 'pipe' })
}

let clones = 0

function clone(...options: readonly string[]): string {
  const root = path.join(folder, `clone-${++clones}`)
  git(folder, 'clone', '--quiet', ...options, root)
  return root
}

const facts = (found: ContentHistory) => ({
  modelCommit: found.modelCommit,
  pins: [first, second, fifth, last, second.slice(0, 8)].map(tag => found.pinOf(tag))
})

const factsIn = async (root: string) => facts(await historyOf(root, last))

const expected = {
  modelCommit: { kind: 'known', commit: second },
  pins: [
    { tag: first, commit: first, isAncestor: true, hasSameSources: false },
    { tag: second, commit: second, isAncestor: true, hasSameSources: true },
    { tag: fifth, commit: fifth, isAncestor: true, hasSameSources: false },
    { tag: last, commit: last, isAncestor: true, hasSameSources: true },
    { tag: second.slice(0, 8), commit: second, isAncestor: true, hasSameSources: true }
  ]
}

t.test('every clone with the whole history gives the same answer', async t => {
  t.same(await factsIn(history.root), expected, 'the repository itself')
  const plain = clone(url)
  t.same(await factsIn(plain), expected, 'a clone')
  git(folder, 'clone', '--quiet', '--mirror', url, 'mirror')
  t.same(await factsIn(clone(path.join(folder, 'mirror'))), expected, "a bare mirror's clone")
  const linked = path.join(folder, 'linked')
  git(plain, 'worktree', 'add', '--quiet', '--detach', linked, last)
  t.same(await factsIn(linked), expected, 'a work tree of git worktree add')
  t.same(await factsIn(clone('--shared', '--no-checkout', url)), expected, 'objects elsewhere')
  t.same(await factsIn(clone('--filter=blob:none', url)), expected, 'a clone without old blobs')
  const separate = path.join(folder, 'separate.git')
  t.same(await factsIn(clone(`--separate-git-dir=${separate}`, url)), expected, 'a gitdir file')
})

t.test('packed references, commit graphs and Bloom filters change no answer', async t => {
  const root = clone(url)
  git(root, 'pack-refs', '--all')
  git(root, 'repack', '-a', '-d', '-q')
  t.same(await factsIn(root), expected, 'packed')
  git(root, 'commit-graph', 'write', '--reachable')
  t.same(await factsIn(root), expected, 'commit-graph')
  git(root, 'commit-graph', 'write', '--reachable', '--changed-paths', '--split=replace')
  t.same(await factsIn(root), expected, 'Bloom filters')
})

t.test('the configuration changes no answer', async t => {
  const root = clone(url)
  const settings = {
    'core.abbrev': '4',
    'core.quotePath': 'true',
    'color.ui': 'always',
    'diff.ignoreSubmodules': 'all',
    'diff.noprefix': 'true',
    'diff.orderFile': 'missing',
    'diff.relative': 'true',
    'diff.renames': 'copies',
    'format.pretty': 'fuller',
    'log.decorate': 'full',
    'log.diffMerges': 'combined',
    'log.follow': 'true',
    'log.showRoot': 'false',
    'log.showSignature': 'true'
  }
  for (const [name, value] of Object.entries(settings)) git(root, 'config', name, value)
  t.same(await factsIn(root), expected)
})

t.test('replaced objects and grafts are ignored', async t => {
  const root = clone(url)
  git(root, 'replace', last, first)
  git(root, 'replace', '--graft', fifth)
  t.same(await factsIn(root), expected, 'git replace')
  writeFileSync(path.join(root, '.git', 'info', 'grafts'), `${last} ${first}\n${fifth}\n`)
  t.same(await factsIn(root), expected, 'info/grafts')
})

const unknown = (reason: string) => ({ kind: 'unknown', reason })

t.test('in a shallow clone the model commit is unknown, whatever the depth shows', async t => {
  for (const depth of [1, 2, 3]) {
    const { modelCommit } = await historyOf(clone(`--depth=${depth}`, url), last)
    t.same(modelCommit, unknown('shallow'), `depth ${depth}`)
  }
})

t.test('a shallow clone knows the commits that it has', async t => {
  const { pinOf } = await historyOf(clone('--depth=2', url), last)
  t.same(pinOf(fifth), expected.pins[2])
  t.same(pinOf(last), expected.pins[3])
  const tag = second
  const missing = { tag, commit: undefined, isAncestor: false, hasSameSources: false }
  t.same(pinOf(second), missing, 'before the boundary')
  const short = fifth.slice(0, 12)
  t.same(pinOf(short), { ...missing, tag: short }, 'another commit could start with these digits')
})

t.test('a boundary that hides nothing is none', async t => {
  t.same(await factsIn(clone('--depth=5', url)), expected, 'as deep as the history')
  const root = clone('--depth=1', url)
  git(root, 'fetch', '--quiet', '--unshallow')
  t.same(await factsIn(root), expected, 'fetched later')
  appendFileSync(path.join(root, '.git', 'shallow'), `${first}\n`)
  t.same(await factsIn(root), expected, 'a root commit as a boundary')
})

t.test('a boundary of another branch does not count', async t => {
  const other = new ImportedHistory()
  t.teardown(() => {
    other.remove()
  })
  other.add([trains('7', []), trains('8', [0])])
  const root = clone(url)
  git(root, 'fetch', '--quiet', '--depth=1', `file://${other.root}`, 'main')
  t.equal(git(root, 'rev-parse', '--is-shallow-repository').trim(), 'true')
  t.same(await factsIn(root), expected)
})

t.test('a partial clone is never completed', async t => {
  const root = clone('--filter=tree:0', '--no-checkout', url)
  const before = git(root, 'count-objects', '-v')
  const { modelCommit, pinOf } = await historyOf(root, last)
  t.same(modelCommit, unknown('partial'))
  t.same(pinOf(last), expected.pins[3], 'the commit itself')
  t.equal(pinOf(second).isAncestor, false)
  t.equal(git(root, 'count-objects', '-v'), before, 'no object was fetched')
})

t.test('a partial clone that lacks a manifest that decides', async t => {
  const manifests = new ImportedHistory()
  t.teardown(() => {
    manifests.remove()
  })
  const canary = (weight: string, parents: readonly number[]) => ({
    files: { 'src/train.py': '1', 'src/canary.yaml': `kind: Canary\nweight: ${weight}` },
    parents
  })
  const [oldest, newest = ''] = manifests.add([canary('1', []), canary('2', [0])])
  manifests.git('config', 'uploadpack.allowFilter', 'true')
  const selection: SourceSelection = {
    roots: ['src'],
    decide: file => (file.endsWith('.yaml') ? 'by-content' : 'source'),
    reaches: () => true,
    isSource: (_, bytes) => bytes.includes('kind: Job'),
    values: undefined
  }
  const modelCommitIn = async (root: string) =>
    (await historyOf(root, newest, selection)).modelCommit
  t.same(await modelCommitIn(manifests.root), { kind: 'known', commit: oldest })
  const partial = clone('--filter=blob:none', `file://${manifests.root}`)
  t.same(await modelCommitIn(partial), unknown('partial'))
  git(partial, 'cat-file', '-p', `${oldest ?? ''}:src/canary.yaml`)
  t.same(await modelCommitIn(partial), { kind: 'known', commit: oldest }, 'fetched by the user')
})

t.test('without Git data there is no history', async t => {
  const empty = mkdtempSync(path.join(folder, 'empty-'))
  t.same((await historyOf(empty, last)).modelCommit, unknown('no-history'), 'no .git')
  git(empty, 'init', '--quiet')
  const { modelCommit, pinOf } = await historyOf(empty, last)
  t.same(modelCommit, unknown('no-history'), 'another repository')
  t.same(pinOf(last), expected.pins[3])
  t.equal(pinOf(last.slice(0, 12)).commit, undefined, 'no history to tell what is ambiguous')
  rmSync(path.join(empty, '.git', 'HEAD'))
  t.same((await historyOf(empty, last)).modelCommit, unknown('no-history'), 'a broken .git')
})

t.test('a damaged repository is a fault', async t => {
  const root = clone('--no-hardlinks', url)
  const tree = git(root, 'rev-parse', `${fifth}:src`).trim()
  const [pack = ''] = globSync('.git/objects/pack/*.pack', { cwd: root })
  const packed = readFileSync(path.join(root, pack))
  for (const file of globSync('.git/objects/pack/*', { cwd: root })) rmSync(path.join(root, file))
  execFileSync('git', ['unpack-objects', '-q'], { cwd: root, input: packed, stdio: 'pipe' })
  rmSync(path.join(root, '.git', 'objects', tree.slice(0, 2), tree.slice(2)), { force: true })
  await t.rejects(historyOf(root, last), { code: 'GIT_FAILED', message: 'git log failed' })
})

t.test('SHA-256 repositories', async t => {
  const large = new ImportedHistory('sha256')
  t.teardown(() => {
    large.remove()
  })
  const [one = '', two = '', three = ''] = large.add([
    trains('1', []),
    trains('2', [0]),
    trains('1', [1])
  ])
  const { modelCommit, pinOf } = await historyOf(large.root, three)
  t.same(modelCommit, { kind: 'known', commit: one })
  t.match(one, /^[0-9a-f]{64}$/)
  t.same(pinOf(two), { tag: two, commit: two, isAncestor: true, hasSameSources: false })
  const tag = one.slice(0, 40)
  t.same(pinOf(tag), { tag, commit: one, isAncestor: true, hasSameSources: true })
})
