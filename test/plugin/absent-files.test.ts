import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { configMap, render, TestRepository } from './repository.ts'

type Files = Readonly<Record<string, string>>

function repositoryOf(t: Test, files: Files): TestRepository {
  const repository = new TestRepository(files)
  t.teardown(() => {
    repository.remove()
  })
  return repository
}

const project = (settings: string) =>
  `apiVersion: mlgitops.io/v1alpha1\nkind: Project\n${settings}\n`
const templates = (settings: string) => project(`templates: {${settings}}`)

/** Renders as Argo CD does: `mlgitops render .` in the application path of a checkout. */
const underArgocd = (repository: TestRepository, application: string) =>
  run({
    args: ['render', '.'],
    env: {
      ARGOCD_APP_REVISION: repository.git('rev-parse', 'HEAD'),
      ARGOCD_APP_SOURCE_PATH: application,
      ARGOCD_APP_SOURCE_REPO_URL: 'https://git.example.com/x.git',
      ARGOCD_APP_NAME: 'a',
      ARGOCD_APP_NAMESPACE: 'ml',
      ARGOCD_APP_PROJECT_NAME: 'default',
      ARGOCD_APP_SOURCE_TARGET_REVISION: 'main'
    },
    folder: path.join(repository.folder, application)
  })

t.test('each include and verbatim pattern matches a template', async t => {
  const cases: readonly [string, Files, string | undefined][] = [
    ['include: [nope/*.yaml, x.yaml]', {}, 'include: "nope/*.yaml"'],
    ['include: [x.yaml, "*.json"]', {}, 'include: "*.json"'],
    ['include: [./x.yaml]', {}, 'include: "./x.yaml"'],
    ['include: [x.yaml, values.yaml]', { 'a/values.yaml': 'v: 1' }, 'include: "values.yaml"'],
    ['include: [x.yaml, "configs/*"]', { 'a/configs/s.yaml': '' }, 'include: "configs/*"'],
    ['include: [x.yaml, .hidden/*]', { 'a/.hidden/y.yaml': '' }, 'include: ".hidden/*"'],
    ['verbatim: [workflows/*]', {}, 'verbatim: "workflows/*"'],
    ['verbatim: [b/*]', { 'a/b/y.yaml': configMap('v: 1', 'second') }, 'verbatim: "b/*"'],
    ['include: [x.yaml], exclude: [drafts/*]', {}, undefined],
    ['include: [x.yaml, y.yaml], exclude: [y.yaml]', { 'a/y.yaml': '' }, undefined],
    ['verbatim: [x.yaml]', {}, undefined]
  ]
  for (const [settings, files, unmatched] of cases) {
    const repository = repositoryOf(t, {
      'a/x.yaml': configMap('v: 1'),
      'a/mlgitops.yaml': templates(settings),
      ...files
    })
    const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(exitCode, unmatched === undefined ? 0 : 1, `${settings}\n${stderr}`)
    if (unmatched === undefined) continue
    t.equal(stdout, '', settings)
    t.match(
      stderr,
      `mlgitops: a/mlgitops.yaml: the pattern matches no template [PATTERN_UNMATCHED]\n  found:    templates.${unmatched}\n`
    )
  }
})

t.test('the pattern ** includes the files of all folders', async t => {
  const repository = repositoryOf(t, {
    'a/b/c/x.yaml': configMap('v: 1'),
    'a/mlgitops.yaml': templates('include: ["**"]')
  })
  const { stdout, stderr } = await render(repository.folder, 'a')
  t.match(stdout, /name: x/, stderr)
})

/** Adds a submodule that is not checked out: a gitlink, and usually an empty folder. */
function addGitlink(repository: TestRepository, folder: string, hasFolder = true): void {
  const commit = repository.git('rev-parse', 'HEAD')
  if (hasFolder) mkdirSync(path.join(repository.folder, folder), { recursive: true })
  repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},${folder}`)
  repository.git('commit', '--quiet', '--message', 'submodule')
}

const chart = { 'a/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n' }
const deep = {
  'a/x.yaml': configMap('v: 1'),
  'a/mlgitops.yaml': templates('include: ["**/*.yaml"]')
}

t.test('a submodule that the render reaches is checked out', async t => {
  const cases: readonly [string, Files, string][] = [
    ['below an include pattern', deep, 'a/vendor'],
    ['deep below an include pattern', deep, 'a/b/c/vendor'],
    [
      'in a named folder',
      { ...deep, 'a/mlgitops.yaml': templates('include: [x.yaml, vendor/*.yaml]') },
      'a/vendor'
    ],
    ['values', { ...deep, 'a/mlgitops.yaml': project('values: [../vendor/v.yaml]') }, 'vendor'],
    ['configs of the root', { 'a/x.yaml': configMap('v: 1') }, 'configs'],
    ['a base', { 'a/kustomization.yaml': 'resources: [../vendor]\n' }, 'vendor'],
    [
      'a base of a base',
      {
        'a/kustomization.yaml': 'resources: [../b]\n',
        'b/kustomization.yaml': 'resources: [../vendor/x]\n'
      },
      'vendor'
    ],
    ['in a chart', { ...chart, 'a/templates/x.yaml': configMap('v: 1') }, 'a/charts/sub'],
    ['a chart', { 'a/mlgitops.yaml': project('helm: {chart: ../vendor/c}') }, 'vendor'],
    ['the application path', { 'x.yaml': configMap('v: 1') }, 'a']
  ]
  for (const [name, files, folder] of cases) {
    for (const hasFolder of [true, false]) {
      const repository = repositoryOf(t, files)
      addGitlink(repository, folder, hasFolder || folder === 'a')
      const local = await render(repository.folder, 'a')
      const argocd = await underArgocd(repository, 'a')
      for (const { stdout, stderr, exitCode } of [local, argocd]) {
        t.equal(exitCode, 1, `${name}\n${stderr}`)
        t.equal(stdout, '', name)
        t.match(stderr, 'the submodule is not checked out [FILE_NOT_CHECKED_OUT]', name)
        t.match(stderr, `git submodule update --init --recursive ${folder}. `, name)
      }
      t.match(local.stderr, `mlgitops: ${folder === 'a' ? 'a' : folder}: the submodule`, name)
    }
  }
})

t.test('a submodule that the render does not reach can be absent', async t => {
  const cases: readonly [string, Files, string][] = [
    ['beside the application path', deep, 'other'],
    [
      'below the default patterns, and not a source of the model',
      { 'a/x.yaml': configMap('v: 1'), 'a/mlgitops.yaml': project('model: { sources: [x.yaml] }') },
      'a/vendor'
    ],
    [
      'in another folder than the patterns',
      {
        ...deep,
        'a/b/y.yaml': configMap('v: 1', 'second'),
        'a/mlgitops.yaml': project(
          'templates: { include: [x.yaml, b/*] }\nmodel: { sources: [x.yaml, b] }'
        )
      },
      'a/vendor'
    ]
  ]
  for (const [name, files, folder] of cases) {
    const repository = repositoryOf(t, files)
    addGitlink(repository, folder)
    for (const result of [await render(repository.folder, 'a'), await underArgocd(repository, 'a')])
      t.equal(result.exitCode, 0, `${name}\n${result.stderr}`)
  }
})

t.test('a submodule that is a source of the model is checked out', async t => {
  const repository = repositoryOf(t, { 'a/x.yaml': configMap('v: 1') })
  addGitlink(repository, 'a/vendor')
  for (const result of [await render(repository.folder, 'a'), await underArgocd(repository, 'a')]) {
    t.equal(result.stdout, '')
    t.match(result.stderr, /vendor: the submodule is not checked out \[FILE_NOT_CHECKED_OUT\]/)
  }
})

t.test('a submodule of a submodule is checked out, too', async t => {
  const repository = repositoryOf(t, deep)
  const library = repositoryOf(t, { 'y.yaml': configMap('v: 1', 'second') })
  addGitlink(library, 'inner')
  repository.git(
    ...['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add'],
    ...[library.folder, 'a/vendor']
  )
  repository.commit('submodule')
  const { stderr, exitCode } = await underArgocd(repository, 'a')
  t.match(stderr, 'mlgitops: vendor/inner: the submodule is not checked out')
  t.equal(exitCode, 1)
  mkdirSync(path.join(repository.folder, 'a/vendor/inner'), { recursive: true })
  writeFileSync(path.join(repository.folder, 'a/vendor/inner/z.yaml'), configMap('v: 1', 'third'))
  const complete = await underArgocd(repository, 'a')
  t.match(complete.stdout, /name: third/, complete.stderr)
})

t.test('without Git data, .gitmodules names the submodules', async t => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-exported-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  const repository = repositoryOf(t, {
    ...deep,
    'configs/base.yaml': '',
    '.gitmodules': '[submodule "v"]\n\tpath = a/vendor\n\turl = https://git.example.com/v\n'
  })
  cpSync(repository.folder, folder, { recursive: true, filter: name => !name.endsWith('.git') })
  const args = ['a', '--revision', 'f'.repeat(40)]
  t.match((await render(folder, ...args)).stderr, 'a/vendor: the submodule is not checked out')
  mkdirSync(path.join(folder, 'a/vendor'))
  writeFileSync(path.join(folder, 'a/vendor/y.yaml'), configMap('v: 1', 'second'))
  t.equal((await render(folder, ...args)).exitCode, 0)
})

t.test('a link into a submodule that is not checked out, or out of a sparse checkout', async t => {
  const cases: readonly [string, Files, string][] = [
    ['values.yaml', { 'a/x.yaml': configMap('v: 1') }, '../vendor/v.yaml'],
    ['x.yaml', {}, '../vendor/deep/x.yaml'],
    ['x.yaml', {}, '../link.yaml'],
    ['r.yaml', { 'a/kustomization.yaml': 'resources: [r.yaml]\n' }, '../vendor/r.yaml']
  ]
  for (const [file, files, target] of cases) {
    const repository = repositoryOf(t, { ...files, 'b/y.yaml': '' })
    symlinkSync('vendor/x.yaml', path.join(repository.folder, 'link.yaml'))
    mkdirSync(path.join(repository.folder, 'a'), { recursive: true })
    symlinkSync(target, path.join(repository.folder, 'a', file))
    repository.commit('link')
    addGitlink(repository, 'vendor')
    const { stdout, stderr } = await render(repository.folder, 'a')
    t.equal(stdout, '')
    t.match(
      stderr,
      'mlgitops: vendor: the submodule is not checked out [FILE_NOT_CHECKED_OUT]',
      target
    )
  }
  const sparse = repositoryOf(t, { 'a/x.yaml': configMap('v: 1'), 'b/v.yaml': 'v: 1\n' })
  symlinkSync('../b/v.yaml', path.join(sparse.folder, 'a/values.yaml'))
  sparse.commit('link')
  sparse.git('sparse-checkout', 'set', '--no-cone', '/a/')
  const { stderr } = await render(sparse.folder, 'a')
  t.match(
    stderr,
    'mlgitops: b/v.yaml: a sparse checkout leaves the file out [FILE_NOT_CHECKED_OUT]'
  )
})

t.test('a sparse checkout has every file that the render would read', async t => {
  const cases: readonly [string, Files, string][] = [
    ['a template', deep, 'a/y.yaml'],
    ['a template in a folder', deep, 'a/b/c/y.yaml'],
    ['values of the root', deep, 'values.yaml'],
    ['a project file', { 'a/x.yaml': configMap('v: 1') }, 'a/mlgitops.yaml'],
    ['configs', deep, 'configs/base.yaml'],
    ['the configs of the environment', deep, 'configs/staging.yaml'],
    ['an audit', deep, 'a/bias_audit.md'],
    ['a schema', deep, 'a/values.schema.json'],
    ['a base', { 'a/kustomization.yaml': 'resources: [../b]\n' }, 'b/kustomization.yaml'],
    [
      'a template of a chart',
      { ...chart, 'a/templates/x.yaml': configMap('v: 1') },
      'a/templates/y.yaml'
    ]
  ]
  for (const [name, files, absent] of cases) {
    const repository = repositoryOf(t, { ...files, [absent]: configMap('v: 1', 'second') })
    repository.git('sparse-checkout', 'set', '--no-cone', '/*', `!/${absent}`)
    const environment = name.endsWith('environment') ? ['--environment', 'staging'] : []
    const local = await render(repository.folder, 'a', ...environment)
    t.equal(local.exitCode, 1, name)
    t.equal(local.stdout, '', name)
    t.match(
      local.stderr,
      `mlgitops: ${absent}: a sparse checkout leaves the file out [FILE_NOT_CHECKED_OUT]\n  remedy:   Run git sparse-checkout add ${path.dirname(absent)}, or git sparse-checkout disable`
    )
    if (environment.length > 0) continue
    t.equal((await underArgocd(repository, 'a')).exitCode, 1, `${name}, under Argo CD`)
  }
})

t.test('a file that a sparse checkout leaves out and that no pattern selects', async t => {
  const repository = repositoryOf(t, {
    ...deep,
    'a/notes.txt': '',
    'a/drafts/y.yaml': '',
    'other/z.yaml': '',
    'a/mlgitops.yaml': project(
      'templates: { include: ["**/*.yaml"], exclude: ["drafts/*"] }\nmodel: { sources: [x.yaml] }'
    )
  })
  repository.git(
    ...['sparse-checkout', 'set', '--no-cone', '/*', '!/a/notes.txt', '!/a/drafts/', '!/other/']
  )
  for (const result of [await render(repository.folder, 'a'), await underArgocd(repository, 'a')])
    t.equal(result.exitCode, 0, result.stderr)
})

t.test('a source of the model that a sparse checkout leaves out', async t => {
  const repository = repositoryOf(t, { ...deep, 'a/notes.txt': '' })
  repository.git('sparse-checkout', 'set', '--no-cone', '/*', '!/a/notes.txt')
  for (const result of [await render(repository.folder, 'a'), await underArgocd(repository, 'a')]) {
    t.equal(result.stdout, '')
    t.match(
      result.stderr,
      /notes\.txt: a sparse checkout leaves the file out \[FILE_NOT_CHECKED_OUT\]/
    )
  }
})
