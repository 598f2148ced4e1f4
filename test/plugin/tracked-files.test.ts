import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { trackedFiles } from '../../plugin/origin/tracked-files.ts'
import { workTreeFiles } from '../../plugin/origin/work-tree-files.ts'
import { repositoryOf } from './digested.ts'

const files = {
  '.gitignore': '*.log\n',
  'app/a.yaml': 'a: 1\n',
  'app/ü/b.py': 'b\n',
  'app/ü/deep/c.py': 'c\n',
  'other/d.py': 'd\n'
}
const isWanted = (file: string) => !file.endsWith('.tmp')

t.test('Files that are all tracked are listed as Git lists them', async t => {
  const { folder, git, write } = bound(t)
  const tracked = (...roots: readonly string[]) =>
    trackedFiles(folder, roots, { hashBytes: 20, isWanted })
  for (const roots of [['app'], ['app/ü', 'other'], ['.'], ['other', 'app/ü/b.py', 'app/a.yaml']]) {
    const listed = await workTreeFiles(folder, roots, isWanted)
    t.same([...(tracked(...roots) ?? [])].sort(), [...listed].sort(), roots.join(' '))
  }
  rmSync(path.join(folder, 'app/a.yaml'))
  write({ 'app/not-wanted.tmp': '', 'other/untracked': '' })
  symlinkSync('../other', path.join(folder, 'app/ln'))
  git('add', 'app/ln')
  const found = ['app/ln', 'app/ü/b.py', 'app/ü/deep/c.py']
  t.same(tracked('app')?.toSorted(), found, 'without deleted files')
  t.end()
})

t.test('Git is asked where its index does not show all files', t => {
  const cases: Readonly<Record<string, (repository: ReturnType<typeof bound>) => unknown>> = {
    'an untracked file': ({ write }) => {
      write({ 'app/new': '' })
    },
    'an ignored file': ({ write }) => {
      write({ 'app/ü/x.log': '' })
    },
    'a repository': ({ folder }) => {
      mkdirSync(path.join(folder, 'app/ü/.git'))
    },
    'a submodule elsewhere': ({ git }) =>
      git('update-index', '--add', '--cacheinfo', `160000,${git('rev-parse', 'HEAD')},sub`),
    'a file that is a folder now': ({ folder }) => {
      rmSync(path.join(folder, 'app/a.yaml'))
      mkdirSync(path.join(folder, 'app/a.yaml'))
    },
    'a link to the folder': ({ folder }) => {
      rmSync(path.join(folder, 'app'), { recursive: true })
      symlinkSync('other', path.join(folder, 'app'))
    },
    'no folder': ({ folder }) => {
      rmSync(path.join(folder, 'app'), { recursive: true })
    },
    'a file that Git takes for unchanged': ({ git }) =>
      git('update-index', '--assume-unchanged', 'app/a.yaml'),
    'an index of version 4': ({ git }) => git('update-index', '--index-version', '4'),
    'no index': ({ folder }) => {
      rmSync(path.join(folder, '.git/index'))
    }
  }
  for (const [name, change] of Object.entries(cases)) {
    const repository = bound(t)
    change(repository)
    const listed = trackedFiles(repository.folder, ['app'], { hashBytes: 20, isWanted })
    t.equal(listed, undefined, name)
  }
  t.end()
})

t.test('Git is asked about a root that is no tracked file', t => {
  const { folder, write } = bound(t)
  write({ 'app/new': '' })
  symlinkSync('app', path.join(folder, 'link'))
  for (const root of ['app/new', 'app/absent', 'app/a.yaml/x', 'link/a.yaml', 'link']) {
    t.equal(trackedFiles(folder, [root], { hashBytes: 20, isWanted }), undefined, root)
  }
  t.end()
})

function bound(t: Parameters<typeof repositoryOf>[0]) {
  const repository = repositoryOf(t, files)
  return {
    folder: repository.folder,
    git: (...args: readonly string[]) => repository.git(...args),
    write: (more: Readonly<Record<string, string>>) => {
      repository.write(more)
    }
  }
}
