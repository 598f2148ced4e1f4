import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { Fault } from '../../common/fault.ts'
import { argocdOrigin } from '../../plugin/origin/argocd.ts'
import { applicationFolder } from '../../plugin/origin/work-tree.ts'
import { RepositoryTree } from '../../plugin/repository/tree.ts'
import { configMap, render, TestRepository } from './repository.ts'

type Files = Readonly<Record<string, string>>

const template = { 'a/x.yaml': configMap('v: 1') }
const deep = {
  ...template,
  'a/mlgitops.yaml':
    'apiVersion: mlgitops.io/v1alpha1\nkind: Project\ntemplates: {include: ["**/*.yaml"]}\n'
}
const long = 'n'.repeat(300)

function repositoryOf(t: Test, files: Files): TestRepository {
  const repository = new TestRepository(files)
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

/** Links by file: each is created with its target. */
const links: readonly [string, Files, string, string, string][] = [
  ['a template that is a loop', {}, 'a/x.yaml', 'x.yaml', 'ELOOP'],
  ['a loop of two links', { ...template, 'a/z': '' }, 'a/y.yaml', 'y2.yaml', ''],
  ['a loop that no pattern selects', template, 'a/loop', 'loop', 'ELOOP'],
  ['values', template, 'a/values.yaml', 'values.yaml', 'ELOOP'],
  ['values of the root', template, 'values.yaml', long, 'ENAMETOOLONG'],
  ['configs', template, 'a/configs', 'configs', 'ELOOP'],
  ['a base of configs', template, 'configs/base.yaml', `../${long}/b.yaml`, 'ENAMETOOLONG'],
  ['a project file', template, 'a/mlgitops.yaml', 'mlgitops.yaml', 'ELOOP'],
  ['a schema', template, 'values.schema.json', 'values.schema.json', 'ELOOP'],
  ['an audit', template, 'a/bias_audit.md', long, 'ENAMETOOLONG'],
  ['a chart', template, 'a/Chart.yaml', 'Chart.yaml', 'ELOOP'],
  ['a kustomization', template, 'a/kustomization.yaml', long, 'ENAMETOOLONG'],
  ['a folder below an include pattern', deep, 'a/b', 'b', 'ELOOP'],
  [
    'a resource',
    { 'a/kustomization.yaml': 'resources: [r.yaml]\n' },
    'a/r.yaml',
    'r.yaml',
    'ELOOP'
  ],
  [
    'a file of a chart',
    { 'a/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', 'a/values.yaml': '' },
    'a/templates/t.yaml',
    long,
    'ENAMETOOLONG'
  ]
]

t.test('a link that the system cannot follow is a fault with its name', async t => {
  for (const [name, files, file, target, code] of links) {
    const repository = repositoryOf(t, files)
    const absolute = path.join(repository.folder, file)
    mkdirSync(path.dirname(absolute), { recursive: true })
    symlinkSync(target, absolute)
    if (code === '') symlinkSync('y.yaml', path.join(repository.folder, 'a', target))
    const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(exitCode, 1, name)
    t.equal(stdout, '', name)
    t.match(
      stderr,
      `mlgitops: ${name === 'configs' ? 'a/configs/base.yaml' : file}: cannot be read (${code === '' ? 'ELOOP' : code}) [FILE_UNREADABLE]\n`,
      name
    )
    t.notMatch(stderr, repository.folder, `${name}: no absolute path`)
  }
})

t.test('a link whose target does not exist is not an absent file', async t => {
  for (const file of ['values.yaml', 'a/values.yaml', 'a/mlgitops.yaml', 'a/bias_audit.json']) {
    const repository = repositoryOf(t, template)
    symlinkSync('../nope', path.join(repository.folder, file))
    const { stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(exitCode, 1, file)
    t.match(stderr, `mlgitops: ${file}: the target of the link does not exist [FILE_UNREADABLE]`)
  }
})

t.test('a folder in place of a file, and a file in place of a folder', async t => {
  const cases: readonly [string, Files, string][] = [
    ['values.yaml', { ...template, 'values.yaml/x': '' }, 'values.yaml: not a regular file'],
    ['a schema', { ...template, 'a/values.schema.json/x': '' }, 'a/values.schema.json: not a'],
    ['a project file', { ...template, 'a/mlgitops.yaml/x': '' }, 'a/mlgitops.yaml: not a regular'],
    ['an audit', { ...template, 'a/bias_audit.md/x': '' }, 'a/bias_audit.md: not a regular file'],
    [
      'a named value file below a file',
      {
        ...template,
        'a/mlgitops.yaml':
          'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nvalues: [x.yaml/y.yaml]\n'
      },
      'a/x.yaml/y.yaml: cannot be read (ENOTDIR)'
    ],
    [
      'a value file with a name of 300 characters',
      {
        ...template,
        'a/mlgitops.yaml': `apiVersion: mlgitops.io/v1alpha1\nkind: Project\nvalues: [${long}]\n`
      },
      `a/${long}: cannot be read (ENAMETOOLONG)`
    ]
  ]
  for (const [name, files, message] of cases) {
    const repository = repositoryOf(t, files)
    const { stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(exitCode, 1, name)
    t.match(stderr, `mlgitops: ${message}`, name)
    t.match(stderr, '[FILE_UNREADABLE]', name)
  }
})

t.test('a name that is not UTF-8', async t => {
  const repository = repositoryOf(t, deep)
  const bytes = (name: string) =>
    Buffer.concat([Buffer.from(`${repository.folder}/a/`), Buffer.from(name, 'latin1')])
  try {
    writeFileSync(bytes('\xff.yaml'), configMap('v: 1', 'second'))
  } catch {
    t.comment('SKIPPED: the file system refuses names that are not UTF-8')
    return
  }
  const file = await render(repository.folder, 'a')
  t.match(
    file.stderr,
    'mlgitops: a/\uFFFD.yaml: cannot be read: the name is not UTF-8 (ENOENT) [FILE_UNREADABLE]'
  )
  rmSync(bytes('\xff.yaml'))
  mkdirSync(bytes('\xfe'))
  const folder = await render(repository.folder, 'a')
  t.match(folder.stderr, 'a/\uFFFD: cannot be read: the name is not UTF-8 (ENOENT)')
  t.equal(folder.exitCode, 1)
})

const isRoot = process.getuid?.() === 0

t.test('a folder without permission', { skip: isRoot && 'root reads everything' }, async t => {
  for (const folder of ['a/b', 'configs', 'a']) {
    const repository = repositoryOf(t, { ...deep, [`${folder}/base.yaml`]: configMap('v: 1', 'b') })
    const absolute = path.join(repository.folder, folder)
    chmodSync(absolute, 0)
    const { stderr, exitCode } = await render(repository.folder, 'a')
    chmodSync(absolute, 0o755)
    t.equal(exitCode, 1, folder)
    t.match(stderr, /cannot be read \(EACCES\) \[FILE_UNREADABLE\]/, folder)
  }
})

const faultOf = (action: () => unknown): string => {
  try {
    action()
  } catch (error) {
    if (error instanceof Fault)
      return `${error.details.where ?? ''}: ${error.message} [${error.code}]`
    throw error
  }
  return 'no fault'
}

t.test('reading fails in the middle of a file', { skip: process.platform !== 'linux' }, t => {
  // The memory of this process: a regular file whose first page cannot be read.
  const tree = new RepositoryTree('/proc/self', file => file)
  t.equal(
    faultOf(() => tree.read('mem')),
    'mem: cannot be read (EIO) [FILE_UNREADABLE]'
  )
  t.equal(
    faultOf(() => [...tree.partsOf('mem')]),
    'mem: cannot be read (EIO) [FILE_UNREADABLE]'
  )
  t.end()
})

t.test('every call of the tree names the path', t => {
  const repository = repositoryOf(t, template)
  const tree = new RepositoryTree(repository.folder, file => `<${file}>`)
  symlinkSync('loop', path.join(repository.folder, 'loop'))
  const calls: readonly [string, (name: string) => unknown][] = [
    ['kindOf', name => tree.kindOf(name)],
    ['list', name => tree.list(name)],
    ['filesBelow', name => tree.filesBelow(name, true)],
    ['read', name => tree.read(name)],
    ['readBytes', name => tree.readBytes(name)],
    ['entriesOf', name => [...tree.entriesOf(name)]],
    ['partsOf', name => [...tree.partsOf(name)]]
  ]
  for (const [call, act] of calls) {
    t.equal(
      faultOf(() => act('loop')),
      '<loop>: cannot be read (ELOOP) [FILE_UNREADABLE]',
      call
    )
    t.match(
      faultOf(() => act(long)),
      `<${long}>: cannot be read (ENAMETOOLONG) [FILE_UNREADABLE]`,
      call
    )
  }
  t.match(
    faultOf(() => tree.statsOf('loop/x')),
    '<loop>: cannot be read (ELOOP)'
  )
  t.match(
    faultOf(() => tree.statsOf(`${long}/x`)),
    `cannot be read (ENAMETOOLONG)`
  )
  t.equal(tree.statsOf('a/nope'), undefined)
  t.match(
    faultOf(() => new RepositoryTree(path.join(repository.folder, 'loop'), () => 'root')),
    'root: cannot be read (ELOOP)'
  )
  t.end()
})

t.test('the application path and the root', t => {
  const repository = repositoryOf(t, template)
  const { folder } = repository
  symlinkSync('loop', path.join(folder, 'loop'))
  const local = (given: string) =>
    faultOf(() => applicationFolder({ path: given, callerFolder: folder }))
  t.equal(local('loop'), 'loop: cannot be read (ELOOP) [FILE_UNREADABLE]')
  t.match(local(long), /cannot be read \(ENAMETOOLONG\) \[FILE_UNREADABLE\]$/)
  t.match(local('a\0b'), /cannot be read \(ERR_INVALID_ARG_VALUE\) \[FILE_UNREADABLE\]$/)
  t.match(local('a/x.yaml'), '[PATH_NOT_FOUND]')
  t.match(local('a/x.yaml/y'), '[PATH_NOT_FOUND]')
  const argocd = (given: string) =>
    faultOf(() =>
      argocdOrigin(
        { ARGOCD_APP_REVISION: 'f'.repeat(40), ARGOCD_APP_SOURCE_PATH: given },
        path.join(folder, given)
      )
    )
  t.equal(argocd('loop'), 'the application path: cannot be read (ELOOP) [FILE_UNREADABLE]')
  t.equal(argocd('nope'), 'the application path: cannot be read (ENOENT) [FILE_UNREADABLE]')
  t.end()
})

t.test('a temporary folder that cannot be used', async t => {
  const repository = repositoryOf(t, { ...template, 'a/kustomization.yaml': 'resources: [x.yaml]' })
  const before = process.env.TMPDIR
  process.env.TMPDIR = path.join(repository.folder, 'a/x.yaml')
  const { stderr, exitCode } = await render(repository.folder, 'a')
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before
  t.match(stderr, 'mlgitops: the temporary folder: cannot be created (ENOTDIR) [FILE_UNREADABLE]')
  t.equal(exitCode, 1)
})
