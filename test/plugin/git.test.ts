import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { annotationsOf, configMap, objects, render, TestRepository } from './repository.ts'

const files = {
  'app/x.yaml': configMap('v: 1'),
  'app/y.yaml': configMap('v: 1', 'second'),
  'app/notes.txt': 'n',
  'other/z.yaml': configMap('v: 1', 'third')
}

function repositoryOf(t: Test, content: Readonly<Record<string, string>> = files): TestRepository {
  const repository = new TestRepository(content)
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

const isDirty = async (folder: string, ...args: string[]) => {
  const { stdout, stderr } = await render(folder, ...args)
  if (stdout === '') return stderr
  return annotationsOf(objects(stdout)[0])['mlgitops.io/git-dirty'] === 'true'
}

t.test('sees changes that Git is set to ignore', async t => {
  const repository = repositoryOf(t)
  const { folder } = repository
  repository.git('update-index', '--assume-unchanged', 'app/x.yaml')
  t.equal(await isDirty(folder, 'app'), true, 'assume-unchanged')
  t.equal(await isDirty(folder, 'other'), false, 'a file that the render does not read')
  repository.git('update-index', '--no-assume-unchanged', 'app/x.yaml')
  repository.git('update-index', '--skip-worktree', 'app/x.yaml')
  repository.write({ 'app/x.yaml': configMap('v: 2') })
  t.equal(await isDirty(folder, 'app'), true, 'skip-worktree')
  unlinkSync(path.join(folder, 'app/x.yaml'))
  t.match(
    await isDirty(folder, 'app'),
    /app\/x\.yaml: a sparse checkout leaves the file out \[FILE_NOT_CHECKED_OUT\]/,
    'skip-worktree of a missing file'
  )
  repository.git('update-index', '--no-skip-worktree', 'app/x.yaml')
  repository.git('checkout', 'app/x.yaml')
  repository.git('update-index', '--skip-worktree', 'app/notes.txt')
  t.equal(await isDirty(folder, 'app'), true, 'a source of the model that is not a template')
  t.equal(await isDirty(folder, 'other'), false, 'a file of another model')
})

t.test('sees that the target of a link is not of the commit', async t => {
  const linked = (target: string) => {
    const repository = repositoryOf(t, { ...files, '.gitignore': 'ignored/\n', 'b/y.yaml': '' })
    repository.write({ 'ignored/y.yaml': configMap('v: 1', 'fourth') })
    symlinkSync('../ignored/y.yaml', path.join(repository.folder, 'other/link.yaml'))
    symlinkSync(target, path.join(repository.folder, 'app/linked.yaml'))
    repository.commit('links')
    return repository
  }
  t.equal(await isDirty(linked('../b/y.yaml').folder, 'app'), false)
  t.equal(await isDirty(linked('../ignored/y.yaml').folder, 'app'), true, 'ignored')
  t.equal(await isDirty(linked('../other/link.yaml').folder, 'app'), true, 'by two links')
  const hidden = linked('../b/y.yaml')
  hidden.git('update-index', '--assume-unchanged', 'b/y.yaml')
  t.equal(await isDirty(hidden.folder, 'app'), true, 'assume-unchanged')
})

t.test('a sparse checkout with the whole application path is clean', async t => {
  const repository = repositoryOf(t)
  repository.git('sparse-checkout', 'set', '--cone', 'app')
  t.equal(await isDirty(repository.folder, 'app'), false)
  repository.git('sparse-checkout', 'set', '--no-cone', '/app/*', '!/app/y.yaml')
  t.match(
    await isDirty(repository.folder, 'app'),
    /app\/y\.yaml: a sparse checkout leaves the file out \[FILE_NOT_CHECKED_OUT\]/
  )
})

t.test('Git configuration cannot hide a change', async t => {
  const repository = repositoryOf(t)
  const { folder } = repository
  repository.git('config', 'status.showUntrackedFiles', 'no')
  repository.git('config', 'log.showSignature', 'true')
  repository.git('config', 'core.fsmonitor', 'touch called')
  t.equal(await isDirty(folder, 'app'), false)
  repository.write({ 'app/new.yaml': configMap('v: 1', 'new') })
  t.equal(await isDirty(folder, 'app'), true, 'an untracked template')
})

t.test('GIT_ variables of the environment are ignored', async t => {
  const [repository, other] = [
    repositoryOf(t),
    repositoryOf(t, { 'a/x.yaml': configMap('v: other') })
  ]
  const head = repository.git('rev-parse', 'HEAD')
  const names = {
    GIT_DIR: path.join(other.folder, '.git'),
    GIT_WORK_TREE: other.folder,
    GIT_INDEX_FILE: '/nope',
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.bare',
    GIT_CONFIG_VALUE_0: 'true'
  }
  const before = { ...process.env }
  Object.assign(process.env, names)
  t.teardown(() => {
    process.env = before
  })
  const { stdout } = await run({
    args: ['render', 'app'],
    env: process.env,
    folder: repository.folder
  })
  t.equal(annotationsOf(objects(stdout)[0])['mlgitops.io/git-commit'], head)
})

t.test('every kind of work tree gives the same bytes', async t => {
  const repository = repositoryOf(t)
  const { folder } = repository
  const copies = mkdtempSync(path.join(tmpdir(), 'mlgitops-copies-'))
  t.teardown(() => {
    rmSync(copies, { recursive: true })
  })
  const at = (name: string) => path.join(copies, name)
  const { stdout } = await render(folder, 'app')
  cpSync(folder, at('copy of\nit'), { recursive: true })
  repository.git('clone', '--quiet', folder, at('clone'))
  repository.git('worktree', 'add', '--quiet', '--detach', at('worktree'))
  repository.git(
    '-c',
    'protocol.file.allow=always',
    'clone',
    '--quiet',
    '--no-local',
    '--filter=tree:0',
    `file://${folder}`,
    at('partial')
  )
  const super_ = repositoryOf(t, { readme: '' })
  super_.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', folder, 'sub')
  const places: readonly (readonly [string, string])[] = [
    [at('copy of\nit'), 'app'],
    [at('clone'), 'app'],
    [at('worktree'), 'app'],
    [path.join(super_.folder, 'sub'), 'app'],
    [super_.folder, 'sub/app'],
    [path.join(folder, 'app'), '.'],
    [path.join(folder, 'other'), '../app']
  ]
  for (const [place, application] of places) {
    const rendered = await render(place, application, '--repo-url', 'https://x/y')
    const expected = stdout.replaceAll(
      /( +)mlgitops.io\/git-commit: .*\n/g,
      (line: string, space: string) => `${line}${space}mlgitops.io/git-repo: https://x/y\n`
    )
    t.equal(rendered.stdout, expected, JSON.stringify(place))
  }
})

t.test('bare, empty and broken repositories are faults', async t => {
  const repository = repositoryOf(t)
  const bare = mkdtempSync(path.join(tmpdir(), 'mlgitops-bare-'))
  t.teardown(() => {
    rmSync(bare, { recursive: true })
  })
  repository.git('clone', '--quiet', '--bare', repository.folder, bare)
  t.match((await render(bare, 'refs')).stderr, /not a Git work tree \[REVISION_MISSING\]/)
  rmSync(path.join(repository.folder, '.git'), { recursive: true })
  repository.git('init', '--quiet')
  t.match((await render(repository.folder, 'app')).stderr, /the repository has no commit yet/)
  rmSync(path.join(repository.folder, '.git'), { recursive: true })
  writeFileSync(path.join(repository.folder, '.git'), 'gitdir: /nope\n')
  const { stderr, exitCode } = await render(repository.folder, 'app')
  t.match(stderr, /\[(?:GIT_FAILED|REVISION_MISSING)\]/)
  t.equal(exitCode, 1)
})

t.test('without git, the message names it', async t => {
  const repository = repositoryOf(t)
  const before = process.env.PATH
  const empty = mkdtempSync(path.join(tmpdir(), 'mlgitops-nothing-'))
  process.env.PATH = empty
  t.teardown(() => {
    process.env.PATH = before
    rmSync(empty, { recursive: true })
  })
  t.equal(
    (await render(repository.folder, 'app')).stderr,
    'mlgitops: git was not found [GIT_MISSING]\n  remedy:   Install git, which knows the commit of these files. An export without .git needs only --revision.\n'
  )
  rmSync(path.join(repository.folder, '.git'), { recursive: true })
  const exported = await render(repository.folder, 'app', '--revision', 'a'.repeat(40))
  t.equal(exported.exitCode, 0, 'an export needs no git')
})

t.test('file and branch names with unusual characters', async t => {
  const name = 'models/naïve — 模型\n"x" $(y)'
  const repository = repositoryOf(t, {
    [`${name}/ä b.yaml`]: configMap('v: "{{ .Values.sourcePath }}"')
  })
  mkdirSync(path.join(repository.folder, 'link'))
  const { stdout, stderr } = await render(repository.folder, name)
  t.same(objects(stdout)[0]?.data, { v: name }, stderr)
  t.equal(annotationsOf(objects(stdout)[0])['mlgitops.io/git-dirty'], undefined)
  symlinkSync(path.join(repository.folder, name), path.join(repository.folder, 'link/to'))
  t.equal(
    (await render(path.join(repository.folder, 'link/to'), '.')).exitCode,
    0,
    'a linked caller folder'
  )
})
