import { execFileSync } from 'node:child_process'
import { appendFileSync, chownSync, mkdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { plainWorkTree } from '../../plugin/origin/plain-work-tree.ts'
import { repositoryOf } from './digested.ts'
import type { TestRepository } from './repository.ts'

const url = 'https://git.example.com/acme/models.git'

function cloned(t: Parameters<typeof repositoryOf>[0]): TestRepository {
  const repository = repositoryOf(t, { 'models/churn/a.yaml': 'a: 1\n' })
  repository.git('remote', 'add', 'origin', url)
  return repository
}

t.test('A usual work tree is read as Git reads it, from each of its folders', t => {
  const repository = cloned(t)
  const { folder } = repository
  const git = (...args: readonly string[]) => repository.git(...args)
  const root = realpathSync(folder)
  const asGitSays = () => ({
    root: git('rev-parse', '--show-toplevel'),
    commit: git('rev-parse', 'HEAD'),
    remoteUrl: git('config', '--get', 'remote.origin.url')
  })
  const usual: Readonly<Record<string, () => unknown>> = {
    'a branch': () => undefined,
    'a branch with a slash': () => git('checkout', '--quiet', '-b', 'feature/x@2'),
    'packed references': () => git('pack-refs', '--all', '--prune'),
    'a packed reference that a newer one hides': () => repository.commit('newer'),
    'a commit': () => git('checkout', '--quiet', '--detach'),
    'other settings': () => git('config', 'user.name', 'Ü'),
    'a comment and an empty line': () => {
      appendFileSync(path.join(folder, '.git/config'), '\n# comment\n\t; another [one]\n')
    },
    'a second address': () => {
      appendFileSync(path.join(folder, '.git/config'), `[Remote "origin"]\n  URL=${url}2 \n`)
    }
  }
  for (const [what, change] of Object.entries(usual)) {
    change()
    for (const at of ['', 'models', 'models/churn']) {
      t.same(plainWorkTree(path.join(root, at)), asGitSays(), `${what}: /${at}`)
    }
  }
  t.end()
})

t.test('Git is asked about anything else', t => {
  const config = (text: string) => (folder: string) => {
    appendFileSync(path.join(folder, '.git/config'), text)
  }
  const asked: Readonly<Record<string, (folder: string, repository: TestRepository) => unknown>> = {
    'no address of the repository itself': (_, repository) =>
      repository.git('remote', 'remove', 'origin'),
    'an address in quotes': config(`[remote "origin"]\n\turl = "${url}"\n`),
    'an address with a comment': config(`[remote "origin"]\n\turl = ${url} # mirror\n`),
    'an address with an escape': config(`[remote "origin"]\n\turl = ${url}\\n\n`),
    'an address with another space': config(`[remote "origin"]\n\turl = ${url}\u00a0\n`),
    'a continued line': config('[user]\n\tname = a\\\nworktree = x\n'),
    'an include': config('[include]\n\tpath = other\n'),
    'a conditional include': config('[includeIf "gitdir:/"]\n\tpath = other\n'),
    'a work tree elsewhere': config('[core]\n\tworktree = ../other\n'),
    'a bare repository': config('[core]\n\tbare = true\n'),
    'a bare repository without a value': config('[core]\n\tbare\n'),
    'another version of the format': config('[core]\n\trepositoryformatversion = 1\n'),
    'an extension': config('[extensions]\n\tworktreeConfig = true\n'),
    'a section and a variable in one line': config('[core] bare = true\n'),
    'a section of the old form': config('[remote.origin]\n\turl = x\n'),
    'no section': (folder: string) => {
      writeFileSync(path.join(folder, '.git/config'), 'bare = false\n')
    },
    'no configuration': folder => {
      rmSync(path.join(folder, '.git/config'))
    },
    'a branch without a commit': (_, repository) =>
      repository.git('checkout', '--quiet', '--orphan', 'new'),
    'a branch elsewhere': (_, repository) => repository.git('symbolic-ref', 'HEAD', 'refs/other/x'),
    'a reference to another reference': (_, repository) =>
      repository.git('symbolic-ref', 'refs/heads/main', 'refs/heads/other'),
    'a HEAD that is a link': folder => {
      rmSync(path.join(folder, '.git/HEAD'))
      symlinkSync('refs/heads/main', path.join(folder, '.git/HEAD'))
    },
    'a folder .git without objects': folder => {
      rmSync(path.join(folder, '.git/objects'), { recursive: true })
    },
    'a folder that can be a bare repository': folder => {
      writeFileSync(path.join(folder, 'models/HEAD'), 'ref: refs/heads/main\n')
    },
    'a linked work tree': (folder, repository) => {
      rmSync(path.join(folder, 'models'), { recursive: true })
      repository.git('worktree', 'add', '--quiet', '--detach', 'models')
      mkdirSync(path.join(folder, 'models/churn'), { recursive: true })
    },
    'an empty folder .git in between': folder => {
      mkdirSync(path.join(folder, 'models/.git'))
    }
  }
  for (const [what, change] of Object.entries(asked)) {
    const repository = cloned(t)
    const folder = realpathSync(repository.folder)
    t.not(plainWorkTree(path.join(folder, 'models/churn')), undefined)
    change(folder, repository)
    t.equal(plainWorkTree(path.join(folder, 'models/churn')), undefined, what)
  }
  t.end()
})

t.test('Git is asked about the repository of another user', { skip: notRoot() }, t => {
  for (const part of ['.', '.git']) {
    const { folder } = cloned(t)
    chownSync(path.join(folder, part), 12_345, 12_345)
    t.equal(plainWorkTree(path.join(realpathSync(folder), 'models')), undefined, part)
  }
  t.end()
})

t.test('Outside of a work tree there is nothing to read', t => {
  const folder = realpathSync(t.testdir({ app: {} }))
  execFileSync('git', ['init', '--quiet', '--bare', folder])
  t.equal(plainWorkTree(path.join(folder, 'app')), undefined)
  t.equal(plainWorkTree('/'), undefined)
  t.end()
})

function notRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'only root can give files to another user'
}
