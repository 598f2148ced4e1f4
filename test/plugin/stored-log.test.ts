import { appendFileSync, chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { CommitLog } from '../../plugin/origin/content/commit-log.ts'
import { FileRoles } from '../../plugin/origin/content/file-roles.ts'
import { gitLog } from '../../plugin/origin/content/git-log.ts'
import { storedLogOf } from '../../plugin/origin/content/stored-log.ts'
import type { SourceSelection } from '../../plugin/origin/source-selection.ts'
import { ImportedHistory } from '../workflows/imported-history.ts'
import type { ImportedCommit, ImportedFile } from '../workflows/imported-history.ts'

const selection: SourceSelection = {
  roots: ['app', 'single', 'sub/inside'],
  decide: file => (file.endsWith('.log') ? 'other' : 'source'),
  reaches: () => true,
  isSource: () => true,
  values: { files: ['values.yaml'], key: () => '' }
}

/** A text that git stores as a delta of the one before it. */
const long = (end: string) =>
  Array.from({ length: 300 }, (_, line) => `line ${line * 7919}`).join('\n') + end

const submodule: ImportedFile = { mode: '160000', content: '1'.repeat(40) }
const files: Readonly<Record<string, ImportedFile>> = {
  'app/a.yaml': long(''),
  'app/x.log': 'x',
  'app/ü/deep/b': 'b',
  'app-other/c': 'c',
  'values.yaml': 'a: 1',
  single: 's'
}

/** Kinds of changes, a merge, two roots and an empty commit. */
const commits: readonly ImportedCommit[] = [
  { files, parents: [] },
  { files: { ...files, 'app/a.yaml': long('1'), 'app/x.log': 'y' }, parents: [0] },
  {
    files: { ...files, 'app/a.yaml': long('12'), single: { mode: '120000', content: 'app' } },
    parents: [1]
  },
  {
    files: { 'app/a.yaml': { mode: '100755', content: long('1') }, 'single/is/a-folder': 's' },
    parents: [1]
  },
  { files: { ...files, app: 'a file', 'sub/inside': submodule }, parents: [2, 3] },
  { files: { elsewhere: 'e' }, parents: [], message: 'another root' },
  { files: { ...files, 'sub/inside': 'a file' }, parents: [4, 5] },
  { files: { ...files, 'sub/inside': 'a file' }, parents: [6], message: 'nothing changes' },
  // More trees that are stored as deltas.
  ...Array.from({ length: 20 }, (_, index) => ({
    files: { ...files, ...manyFiles(index), 'app/a.yaml': long(`${index}`) },
    parents: [7 + index]
  }))
]

function manyFiles(changed: number): Readonly<Record<string, ImportedFile>> {
  const entries = Array.from({ length: 40 }, (_, index) => [
    `app/many/${index}`,
    index === changed ? 'changed' : `${index}`
  ])
  return Object.fromEntries(entries) as Readonly<Record<string, ImportedFile>>
}

function historyOf(t: { teardown: (action: () => void) => unknown }, format?: 'sha256') {
  const history = new ImportedHistory(format)
  t.teardown(() => {
    history.remove()
  })
  return history
}

function stored(root: string, commit: string) {
  return storedLogOf({ root, commit, settings: [] }, selection, new FileRoles(selection))
}

/** Parents and changes by commit ID, without the numbers, whose order differs. */
function readable(log: CommitLog) {
  return Object.fromEntries(
    log.commits.texts.map((id, commit) => {
      const parents = log.parentsOf(commit).map(parent => log.commits.texts[parent])
      const changes = log
        .changesOf(commit)
        .map(
          ({ path, content }) =>
            `${log.paths.texts[path] ?? ''} ${log.contents.texts[content] ?? ''}`
        )
      return [id, { parents, changes: changes.sort() }]
    })
  )
}

t.test('The log that is read from objects is the one that git prints', async t => {
  const forms: Readonly<Record<string, (history: ImportedHistory) => unknown>> = {
    'as imported': () => undefined,
    'a pack with deltas': history => history.git('repack', '-adfq', '--depth=50', '--window=50'),
    'a pack whose deltas name their bases': history =>
      history.git('-c', 'repack.useDeltaBaseOffset=false', 'repack', '-adfq', '--window=50'),
    'loose objects': history => {
      const folder = path.join(history.root, '.git/objects/pack')
      history.git('repack', '-adq')
      const packs = readdirSync(folder).filter(name => name.endsWith('.pack'))
      for (const name of packs) history.unpack(path.join(folder, name))
    },
    'several packs and a commit-graph': history => {
      history.git('repack', '-dq')
      history.add([...commits, { files: { 'app/new': 'n' }, parents: [27] }])
      history.git('repack', '-dq')
      history.git('commit-graph', 'write', '--reachable')
    }
  }
  for (const [name, change] of Object.entries(forms)) {
    const history = historyOf(t)
    history.add(commits)
    change(history)
    const commit = history.git('rev-parse', 'main')
    const checkout = { root: history.root, commit, settings: [], needsTree: true } as const
    const ours = stored(history.root, commit)
    const theirs = await gitLog(checkout, selection, new FileRoles(selection))
    if (ours === undefined || theirs.kind === 'failed') throw new Error(name)
    t.same(readable(ours.log), readable(theirs.log), name)
    t.same([...ours.log.submodules].length, [...theirs.log.submodules].length, name)
    t.equal(ours.tree, theirs.tree, name)
    t.equal(ours.date, history.git('log', '-1', '--format=%ct', commit), name)
    t.ok(Object.keys(readable(ours.log)).length >= commits.length, name)
  }
})

t.test('Git is asked about what is not read here', t => {
  const treeOf = (entries: string) => (history: ImportedHistory) =>
    commitOf(history, history.write('tree', Buffer.from(entries, 'latin1')))
  const id = '\x01'.repeat(20)
  const cases: Readonly<Record<string, (history: ImportedHistory) => string | undefined>> = {
    'a shallow clone': history => {
      writeFileSync(
        path.join(history.root, '.git/shallow'),
        `${history.git('rev-parse', 'main')}\n`
      )
      return undefined
    },
    'a configuration with includes': history => history.git('config', 'include.path', '/dev/null'),
    'a commit that is not there': () => 'f'.repeat(40),
    'a tree in place of a commit': history => history.git('rev-parse', 'main^{tree}'),
    'a short ID': () => '0123456',
    'a tree that is not there': history => commitOf(history, 'e'.repeat(40)),
    'a tree that is not in order': treeOf(`100644 b\0${id}100644 a\0${id}`),
    'a tree with a name twice': treeOf(`100644 a\0${id}40000 a\0${id}`),
    'a tree that is cut off': treeOf(`100644 a\0${id.slice(1)}`),
    'a tree without a name': treeOf(`100644 \0${id}`),
    'a tree with a slash in a name': treeOf(`100644 a/b\0${id}`),
    'a tree with an unknown mode': treeOf(`constructor a\0${id}`),
    'a commit without a committer': history => {
      const tree = history.git('rev-parse', 'main^{tree}')
      return history.write('commit', Buffer.from(`tree ${tree}\nauthor T <t@t> 1 +0000\n\nx`))
    },
    'a date that is not a number': history => {
      const tree = history.git('rev-parse', 'main^{tree}')
      return commitOf(history, tree, 'T <t@t> tomorrow +0000')
    },
    'a damaged object': history => {
      const commit = commitOf(history, history.git('rev-parse', 'main^{tree}'))
      const file = looseFile(history.root, commit)
      chmodSync(file, 0o600)
      writeFileSync(file, 'not zlib')
      return commit
    },
    'a large file of an object': history => {
      const commit = commitOf(history, history.git('rev-parse', 'main^{tree}'))
      const file = looseFile(history.root, commit)
      chmodSync(file, 0o600)
      appendFileSync(file, 'x'.repeat(300_000))
      return commit
    },
    'an index of a pack of another version': history => {
      history.git('-c', 'pack.indexVersion=1', 'repack', '-adq')
      return undefined
    },
    'no folder of packs': history => {
      rmSync(path.join(history.root, '.git/objects'), { recursive: true })
      return undefined
    },
    'a long history': history => {
      const parents = (index: number) => (index === 0 ? [] : [index - 1])
      return history
        .add(
          Array.from({ length: 500 }, (_, index) => ({
            files: {},
            parents: parents(index),
            message: `${index}`
          }))
        )
        .at(-1)
    },
    'many objects': history => {
      const many = Array.from({ length: 3_000 }, (_, index) => [`many/${index}`, `${index}`])
      return history.add([
        { files: Object.fromEntries(many) as Record<string, string>, parents: [] }
      ])[0]
    }
  }
  for (const [name, change] of Object.entries(cases)) {
    const history = historyOf(t)
    const tip = history.add(commits).at(-1) ?? ''
    t.not(stored(history.root, tip), undefined, `${name}: before`)
    const changed = change(history) ?? ''
    t.equal(stored(history.root, /^[0-9a-f]{7,}$/.test(changed) ? changed : tip), undefined, name)
  }
  const history = historyOf(t, 'sha256')
  const [commit = ''] = history.add([{ files: { single: 's' }, parents: [] }])
  t.equal(stored(history.root, commit), undefined, 'SHA-256')
  t.end()
})

function commitOf(history: ImportedHistory, tree: string, committer = 'T <t@t> 1 +0000'): string {
  const text = `tree ${tree}\nauthor T <t@t> 1 +0000\ncommitter ${committer}\n\nx`
  return history.write('commit', Buffer.from(text))
}

function looseFile(root: string, id: string): string {
  return path.join(root, '.git/objects', id.slice(0, 2), id.slice(2))
}
