import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { isUnchanged } from '../../plugin/origin/unchanged-files.ts'
import { workTreeChanges } from '../../plugin/origin/work-tree-changes.ts'
import { Reach } from '../../plugin/repository/reach.ts'
import { repositoryOf } from './digested.ts'
import type { TestRepository } from './repository.ts'

const files = {
  '.gitignore': '*.log\n',
  'app/a.yaml': 'a: 1\n',
  'app/ü/b.yaml': 'b: 1\n',
  'app/notes.txt': 'n\n',
  'other/c.txt': 'c\n',
  'values.yaml': 'v: 1\n'
}

/** What a render of `app` reaches: two value files, of which one does not exist, and all YAML files. */
function reachOfApp(): Reach {
  const reach = new Reach()
  for (const file of ['values.yaml', 'configs/base.yaml', 'app', 'app/a.yaml']) reach.addFile(file)
  reach.addSelection('app', { has: file => file.endsWith('.yaml'), reaches: () => true })
  return reach
}

function compared(repository: TestRepository) {
  const { folder } = repository
  const [commit, tree] = [
    repository.git('rev-parse', 'HEAD'),
    repository.git('rev-parse', 'HEAD^{tree}')
  ]
  const reach = reachOfApp()
  return {
    shown: isUnchanged({ root: folder, tree }, reach),
    byGit: () => workTreeChanges({ root: folder, commit, settings: [] }, reach)
  }
}

/** Git compares the content of files that are younger than its index. */
function age(repository: TestRepository, file: string): void {
  utimesSync(path.join(repository.folder, file), 1_700_000_000, 1_700_000_000)
}

type Change = (repository: TestRepository) => unknown

const write =
  (file: string, text = 'x: 1\n'): Change =>
  repository => {
    repository.write({ [file]: text })
  }

t.test('The index shows that nothing is changed', async t => {
  const unchanged: Readonly<Record<string, Change>> = {
    'a new commit': () => undefined,
    'files that are older than the index': repository => {
      for (const file of Object.keys(files)) age(repository, file)
      repository.git('update-index', '--refresh')
    },
    'a file that was written again': write('app/a.yaml', files['app/a.yaml']),
    'a changed file that is not reached': write('app/notes.txt', 'changed\n'),
    'a deleted file that is not reached': repository => {
      rmSync(path.join(repository.folder, 'other/c.txt'))
    },
    'a new file that is not reached': write('app/ü/new.txt'),
    'an ignored file': write('app/x.log'),
    'a link': repository => {
      symlinkSync('a.yaml', path.join(repository.folder, 'app/link.yaml'))
      repository.commit()
    }
  }
  for (const [what, change] of Object.entries(unchanged)) {
    const repository = repositoryOf(t, files)
    change(repository)
    const { shown, byGit } = compared(repository)
    t.equal(shown, true, what)
    t.same(await byGit(), { kind: 'none' }, `${what}, by Git`)
  }
})

t.test('The index does not show that nothing is changed where Git finds a change', async t => {
  const changed: Readonly<Record<string, Change>> = {
    'a changed file': write('app/a.yaml', 'a: 2\n'),
    'another mode': repository => {
      chmodSync(path.join(repository.folder, 'app/a.yaml'), 0o755)
    },
    'a deleted file': repository => {
      rmSync(path.join(repository.folder, 'app/ü/b.yaml'))
    },
    'a file that was looked for': write('configs/base.yaml'),
    'a new file that is selected': write('app/ü/new.yaml'),
    'a new file in a new folder': write('app/new/new.yaml'),
    'a staged change': repository => {
      repository.write({ 'app/a.yaml': 'a: 2\n' })
      repository.git('add', '--all')
    },
    'a staged change that the work tree does not have': repository => {
      repository.write({ 'app/a.yaml': 'a: 2\n' })
      repository.git('add', '--all')
      repository.write({ 'app/a.yaml': files['app/a.yaml'] })
    },
    'a staged deletion': repository => repository.git('rm', '--quiet', '--cached', 'values.yaml'),
    'a file that is a link now': repository => {
      renameSync(path.join(repository.folder, 'app/a.yaml'), path.join(repository.folder, 'a.txt'))
      symlinkSync('../a.txt', path.join(repository.folder, 'app/a.yaml'))
    },
    'a folder that is a file now': repository => {
      rmSync(path.join(repository.folder, 'app/ü'), { recursive: true })
      repository.write({ 'app/ü': 'x' })
    },
    'a repository in the application path': repository => {
      mkdirSync(path.join(repository.folder, 'app/nested'))
      repository.git('init', '--quiet', 'app/nested')
      repository.write({ 'app/nested/new.yaml': 'x: 1\n' })
    },
    'a repository where a file was looked for': repository => {
      mkdirSync(path.join(repository.folder, 'configs'))
      repository.git('init', '--quiet', 'configs')
    },
    'a conflict': repository => {
      repository.git('checkout', '--quiet', '-b', 'side')
      repository.write({ 'app/a.yaml': 'a: 2\n' })
      repository.commit()
      repository.git('checkout', '--quiet', '-')
      repository.write({ 'app/a.yaml': 'a: 3\n' })
      repository.commit()
      try {
        repository.git('merge', '--quiet', 'side')
      } catch {
        return
      }
      throw new Error('no conflict')
    }
  }
  for (const [what, change] of Object.entries(changed)) {
    const repository = repositoryOf(t, files)
    change(repository)
    const { shown, byGit } = compared(repository)
    t.equal(shown, false, what)
    t.equal((await byGit()).kind, 'files', `${what}, by Git`)
  }
})

t.test('Git is asked where its index cannot show whether something is changed', t => {
  const asked: Readonly<Record<string, Change>> = {
    'a submodule': repository => {
      repository.git('init', '--quiet', 'app/nested')
      const head = repository.git('rev-parse', 'HEAD')
      repository.git('update-index', '--add', '--cacheinfo', `160000,${head},app/nested`)
    },
    'no index': repository => {
      rmSync(path.join(repository.folder, '.git/index'))
    },
    'an index of version 4': repository => repository.git('update-index', '--index-version', '4'),
    'a file that Git takes for unchanged': repository =>
      repository.git('update-index', '--assume-unchanged', 'other/c.txt'),
    'a file that is to be added': repository => {
      repository.write({ 'other/new.txt': 'x' })
      repository.git('add', '--intent-to-add', 'other/new.txt')
    },
    'an index that was changed and changed back': repository => {
      repository.write({ 'other/c.txt': 'x' })
      repository.git('add', '--all')
      repository.write({ 'other/c.txt': files['other/c.txt'] })
      repository.git('add', '--all')
    },
    'an ignored file that is reached': write('app/x.log.yaml'),
    'a file that Git converts': repository => {
      repository.write({ '.gitattributes': '*.yaml text eol=crlf\n' })
      repository.commit()
      rmSync(path.join(repository.folder, 'app/a.yaml'))
      repository.git('checkout', '--quiet', '.')
    }
  }
  for (const [what, change] of Object.entries(asked)) {
    const repository = repositoryOf(t, files)
    t.equal(compared(repository).shown, true)
    change(repository)
    t.equal(compared(repository).shown, false, what)
  }
  t.end()
})

t.test('A file that cannot be read is left to Git', { skip: isRoot() }, t => {
  const repository = repositoryOf(t, files)
  chmodSync(path.join(repository.folder, 'app/ü/b.yaml'), 0o000)
  t.equal(compared(repository).shown, false)
  t.end()
})

function isRoot(): string | false {
  return process.getuid?.() === 0 ? 'root reads everything' : false
}
