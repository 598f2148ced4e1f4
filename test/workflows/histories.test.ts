import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { SourceSelection } from '../../plugin/origin/source-selection.ts'
import { everySource, historyOf } from './every-source.ts'
import { ImportedHistory } from './imported-history.ts'
import type { ImportedCommit, ImportedFile } from './imported-history.ts'

const history = new ImportedHistory()
t.teardown(() => {
  history.remove()
})

/** A commit whose only model file is `src/train.py`. */
const trains = (
  content: string,
  parents: readonly number[],
  more: Readonly<Record<string, ImportedFile>> = {}
): ImportedCommit => ({ files: { 'src/train.py': content, ...more }, parents })

/** The place of the model commit in a list of commits of which the last one is rendered. */
async function modelCommitOf(
  commits: readonly ImportedCommit[],
  selection?: SourceSelection
): Promise<number | string> {
  const ids = history.add(commits)
  const { modelCommit } = await historyOf(history.root, ids.at(-1) ?? '', selection)
  return modelCommit.kind === 'known' ? ids.indexOf(modelCommit.commit) : modelCommit.reason
}

t.test('the first commit, and a change of a source', async t => {
  t.equal(await modelCommitOf([trains('1', [])]), 0, 'a history of one commit')
  t.equal(await modelCommitOf([trains('1', []), trains('2', [0])]), 1)
  const noise = { 'README.md': 'x' }
  t.equal(await modelCommitOf([trains('1', []), trains('1', [0], noise)]), 0, 'another file')
})

t.test('after git revert it is the old commit again', async t => {
  const commits = [trains('1', []), trains('2', [0]), trains('3', [1]), trains('2', [2])]
  t.equal(await modelCommitOf(commits), 1)
  t.equal(await modelCommitOf([...commits, trains('1', [3])]), 0)
})

t.test('CI tags an image by its commit, then commits the tag', async t => {
  const built = trains('2', [0], { 'deploy/image': 'old' })
  const commits = [trains('1', []), built, trains('2', [1], { 'deploy/image': 'tag' })]
  const ids = history.add(commits)
  const [first = '', second = '', third = ''] = ids
  const { modelCommit, pinOf } = await historyOf(history.root, third)
  t.same(modelCommit, { kind: 'known', commit: second })
  const isAncestor = true
  t.same(pinOf(second), { tag: second, commit: second, isAncestor, hasSameSources: true })
  const tag = second.slice(0, 7)
  t.same(pinOf(tag), { tag, commit: second, isAncestor, hasSameSources: true })
  t.same(pinOf(third), { tag: third, commit: third, isAncestor, hasSameSources: true })
  t.same(pinOf(first), { tag: first, commit: first, isAncestor, hasSameSources: false })
})

t.test('squash merge, rebase and cherry-pick', async t => {
  const branch = [trains('1', []), trains('2', [0]), trains('3', [1])]
  t.equal(await modelCommitOf([...branch, trains('3', [0])]), 3, 'the branch is not merged')
  const rebased = [...branch, trains('1', [0], { other: 'x' }), trains('3', [3], { other: 'x' })]
  t.equal(await modelCommitOf(rebased), 4, 'the commits before the rebase are no ancestors')
  const picked = [...branch, trains('3', [0]), trains('3', [3, 2])]
  t.equal(await modelCommitOf(picked), 2, 'of the pick and the branch, the earlier one')
})

t.test('merges', async t => {
  const files = (a: string, b: string) => ({ 'src/a': a, 'src/b': b })
  const base = { files: files('1', '1'), parents: [] }
  const left = { files: files('2', '1'), parents: [0] }
  const right = { files: files('1', '2'), parents: [0] }
  const merge = { files: files('2', '2'), parents: [1, 2] }
  t.equal(await modelCommitOf([base, left, right, merge]), 3, 'both branches touch the sources')
  const ours = { files: files('2', '1'), parents: [1, 2] }
  t.equal(await modelCommitOf([base, left, right, ours]), 1, 'the merge takes one side')
  const theirs = { files: files('1', '2'), parents: [1, 2] }
  t.equal(await modelCommitOf([base, left, right, theirs]), 2, 'or the other one')
  const evil = { files: files('3', '2'), parents: [1, 2] }
  t.equal(await modelCommitOf([base, left, right, evil]), 3, 'content that no branch has')
  const octopus = { files: files('2', '2'), parents: [1, 2, 0] }
  t.equal(await modelCommitOf([base, left, right, octopus]), 3, 'three parents')
  const back = { files: files('1', '1'), parents: [3] }
  t.equal(await modelCommitOf([base, left, right, merge, back]), 0, 'the base before the merge')
})

t.test('of commits without order, the earlier committer date, then the smaller ID', async t => {
  const branches = (seconds: readonly [number, number]) => [
    trains('1', []),
    { ...trains('2', [0]), seconds: seconds[0], message: 'left' },
    { ...trains('2', [0]), seconds: seconds[1], message: 'right' },
    trains('2', [1, 2])
  ]
  t.equal(await modelCommitOf(branches([2000, 1000])), 2)
  t.equal(await modelCommitOf(branches([1000, 2000])), 1)
  t.equal(await modelCommitOf(branches([900, 1000])), 1, 'dates are numbers')
  const ids = history.add(branches([1000, 1000]))
  const { modelCommit } = await historyOf(history.root, ids[3] ?? '')
  t.same(modelCommit, { kind: 'known', commit: ids.slice(1, 3).sort()[0] })
})

t.test('a commit whose date is before its parent', async t => {
  const commits = [
    { ...trains('1', []), seconds: 3000 },
    { ...trains('2', [0]), seconds: 2000 },
    { ...trains('1', [1]), seconds: 1000 },
    { ...trains('2', [2]), seconds: 0 }
  ]
  t.equal(await modelCommitOf(commits), 1, 'ancestry comes before dates')
})

t.test('several root commits', async t => {
  const commits = [
    { ...trains('1', []), seconds: 2000 },
    { ...trains('2', []), seconds: 1000, message: 'imported' },
    trains('2', [0, 1])
  ]
  t.equal(await modelCommitOf(commits), 1)
  const nothing = { files: { other: 'x' }, parents: [] }
  t.equal(await modelCommitOf([nothing, trains('1', []), trains('1', [0, 1])]), 1)
})

t.test('names count, modes do not', async t => {
  const moved = { files: { 'src/fit.py': '1' }, parents: [0] }
  t.equal(await modelCommitOf([trains('1', []), moved]), 1, 'a file moved without change')
  const there = { files: { 'src/train.py': '1' }, parents: [1] }
  t.equal(await modelCommitOf([trains('1', []), moved, there]), 0, 'and back')
  const executable = { mode: '100755', content: '1' } as const
  const made = { files: { 'src/train.py': executable }, parents: [0] }
  t.equal(await modelCommitOf([trains('1', []), made]), 0)
  const link = { mode: '120000', content: '1' } as const
  const linked = { files: { 'src/train.py': link }, parents: [0] }
  t.equal(await modelCommitOf([trains('1', []), linked]), 1, 'a link is no file with its target')
  const folder = { files: { 'src/train.py/x': '1' }, parents: [0] }
  t.equal(await modelCommitOf([trains('1', []), folder]), 1, 'a folder where a file was')
})

t.test('a file that leaves the sources and comes back', async t => {
  const outside = { files: { 'lib/train.py': '1' }, parents: [0] }
  t.equal(await modelCommitOf([trains('1', []), outside, trains('1', [1])]), 0)
})

t.test("a submodule's commit is its content", async t => {
  const at = (commit: string, parents: readonly number[], ignore = ''): ImportedCommit => ({
    files: {
      '.gitmodules': `[submodule "m"]\n\tpath = src/m\n\turl = ./m\n${ignore}`,
      'src/m': { mode: '160000', content: commit.repeat(40) }
    },
    parents
  })
  t.equal(await modelCommitOf([at('a', []), at('b', [0])]), 1)
  t.equal(await modelCommitOf([at('a', []), at('b', [0]), at('a', [1])]), 0)
  const ignored = '\tignore = all\n'
  t.equal(await modelCommitOf([at('a', [], ignored), at('b', [0], ignored)]), 1, 'ignore = all')
  const some = (root: string, reached: string): SourceSelection => ({
    ...everySource(root),
    decide: file => (file.endsWith('.py') ? 'source' : 'other'),
    reaches: folder => reached.startsWith(`${folder}/`)
  })
  const commits = [at('a', []), at('b', [0])]
  t.equal(await modelCommitOf(commits, some('src', 'src/m/fit.py')), 1, 'src/m/*.py')
  const checkedOut = path.join(history.root, 'src/m')
  mkdirSync(checkedOut, { recursive: true })
  writeFileSync(path.join(checkedOut, '.git'), 'gitdir: x\n')
  t.equal(await modelCommitOf(commits, some('src/m/lib', 'src/m/lib/x')), 1, 'src/m/lib/*.py')
  rmSync(checkedOut, { recursive: true })
  t.equal(await modelCommitOf(commits, some('src', 'src/n/x')), 0, 'another submodule')
  const file = { files: { 'src/m': '1' }, parents: [1] }
  t.equal(await modelCommitOf([...commits, file], some('src', 'src/m/x')), 2, 'replaced by a file')
})

t.test('manifests that run nothing are no sources', async t => {
  const selection: SourceSelection = {
    roots: ['app'],
    decide: file => (file.endsWith('.yaml') ? 'by-content' : 'source'),
    reaches: () => true,
    isSource: (_, bytes) => bytes.includes('kind: Job'),
    values: undefined
  }
  const app = (files: Readonly<Record<string, string>>, parents: readonly number[]) => ({
    files: Object.fromEntries(Object.entries(files).map(([name, text]) => [`app/${name}`, text])),
    parents
  })
  const job = { 'job.yaml': 'kind: Job' }
  const canary = { 'canary.yaml': 'kind: Canary' }
  const of = (...commits: ImportedCommit[]) => modelCommitOf(commits, selection)
  t.equal(await of(app(job, []), app({ ...job, ...canary }, [0])), 0, 'a Canary is added')
  t.equal(await of(app({ ...job, ...canary }, []), app(job, [0])), 0, 'and removed')
  const other = { 'canary.yaml': 'kind: Canary\nweight: 2' }
  t.equal(await of(app({ ...job, ...canary }, []), app({ ...job, ...other }, [0])), 0, 'changed')
  const second = { 'canary.yaml': 'kind: Job' }
  t.equal(await of(app({ ...job, ...canary }, []), app({ ...job, ...second }, [0])), 1)
  t.equal(await of(app({ ...job, ...second }, []), app({ ...job, ...canary }, [0])), 1)
  const twice = [app({ ...job, ...canary }, []), app({ ...job, ...second }, [0])]
  t.equal(await of(...twice, app({ ...job, ...other }, [1])), 0, 'a Job for a while')
  t.equal(await of(app(job, []), app({ 'job.yaml': 'kind: Job\nx: 1' }, [0])), 1)
  const large = { 'large.yaml': 'x'.repeat(9_000_000) }
  t.equal(await of(app({ ...job, ...large }, []), app(job, [0])), 1, 'too large to be read')
})

t.test('values that belong to the model', async t => {
  const selection: SourceSelection = {
    ...everySource('src'),
    values: {
      files: ['values.yaml', 'configs/base.yaml'],
      key: read => {
        const lines = [read('values.yaml'), read('configs/base.yaml')].join('\n').split('\n')
        return lines.filter(line => line.startsWith('training')).join('\n')
      }
    }
  }
  const configured = (values: string, parents: readonly number[], base = 'training.b: 1') =>
    trains('1', parents, { 'values.yaml': values, 'configs/base.yaml': base })
  const of = (...commits: ImportedCommit[]) => modelCommitOf(commits, selection)
  const first = configured('training.a: 1\nlog: info', [])
  t.equal(await of(first, configured('training.a: 1\nlog: debug', [0])), 0, 'a log level')
  t.equal(await of(first, configured('training.a: 2\nlog: info', [0])), 1, 'a hyperparameter')
  t.equal(await of(first, configured('training.a: 1', [0], 'training.b: 2')), 1)
  const changed = configured('training.a: 2', [0])
  t.equal(await of(first, changed, configured('training.a: 1\nlog: error', [1])), 0, 'a revert')
  t.equal(await of(trains('1', []), configured('log: info', [0], '')), 0, 'files without values')
  const executable = { mode: '100755', content: 'training.a: 1' } as const
  const mode = trains('1', [0], { 'values.yaml': executable, 'configs/base.yaml': 'training.b: 1' })
  t.equal(await of(first, mode), 0, 'a mode')
  const at = (target: string, shared: string, parents: readonly number[]) =>
    trains('1', parents, {
      'values.yaml': { mode: '120000', content: target },
      'shared/values.yaml': { mode: '120000', content: '../common.yaml' },
      'common.yaml': shared
    })
  const linked = at('shared/values.yaml', 'training.a: 1', [])
  t.equal(await of(linked, at('shared/values.yaml', 'log: debug\ntraining.a: 1', [0])), 0)
  t.equal(await of(linked, at('shared/values.yaml', 'training.a: 2', [0])), 1, 'behind links')
  t.equal(await of(linked, at('./common.yaml', 'training.a: 1', [0])), 0, 'the same values')
  t.equal(await of(linked, at('values.yaml', 'training.a: 1', [0])), 1, 'an endless link')
  t.equal(await of(at('/etc/x', '1', []), at('/etc/x', '2', [0])), 0, 'a link to nowhere')
  t.equal(await of(at('/etc/x', '1', []), at('../x', '1', [0])), 1, 'links that leave it')
})
