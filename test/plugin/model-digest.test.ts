import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs'
import { renameSync, unlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { digestUsage } from '../../plugin/model-digest/digest-command.ts'
import { byCoreutils, digest, exported, repositoryOf } from './digested.ts'

/** Sorting these names by UTF-16 code units, by locale or by folder differs from sorting by bytes. */
const awkward = {
  'app/a.yaml': 'a',
  'app/a/b.yaml': 'b',
  'app/a-b.yaml': 'ab',
  'app/B.yaml': 'B',
  'app/é.yaml': 'é',
  'app/\u{1F600}.bin': 'beyond the first plane',
  'app/\uFF5E.bin': 'before it in bytes, behind it in code units',
  'app/-n': 'dash',
  'app/a space\tand a tab': '',
  'app/.hidden/.file': 'h',
  'app/bias_audit.md': 'evidence',
  'app/a/bias_audit.md': 'of another folder, so not evidence of this one',
  'values.yaml': 'of the root'
}

t.test('The digest is the SHA-256 of the output of sha256sum', async t => {
  const repository = repositoryOf(t, awkward)
  const application = path.join(repository.folder, 'app')
  const expected = byCoreutils(application)
  t.match(expected, /^sha256:[0-9a-f]{64}$/)
  t.equal(await digest(repository.folder, 'app'), expected)
  t.equal(await digest(application), expected, 'of this folder')
  const copy = exported(t, repository)
  t.equal(await digest(copy, 'app'), expected, 'without Git')
  t.equal(await digest(copy), byCoreutils(copy, ['values.yaml']), 'of the root, without its values')
  t.equal(
    await digest(repository.folder),
    byCoreutils(repository.folder, ['values.yaml']),
    'of the root of a work tree, with .git'
  )
  t.not(byCoreutils(copy), expected)
  const help = await run({ args: ['digest', '--help'], env: {}, folder: '.' })
  t.same(help, { stdout: digestUsage(), stderr: '', exitCode: 0 })
  t.equal(
    await digest('.', 'a', 'b'),
    'mlgitops digest: digest takes one PATH\nmlgitops digest --help says more.'
  )
  t.match(await digest('.', 'nowhere'), 'nowhere: the folder does not exist [PATH_NOT_FOUND]')
})

t.test(
  'In a work tree it covers the files that Git tracks or would add, as they are now',
  async t => {
    const repository = repositoryOf(t, { ...awkward, '.gitignore': '*.pyc\n__pycache__/\n' })
    const { folder } = repository
    const application = path.join(folder, 'app')
    const before = await digest(folder, 'app')
    repository.write({ 'app/__pycache__/x': '1', 'app/x.pyc': '1', 'app/a/bias_audit.pyc': '' })
    symlinkSync('x', path.join(application, 'linked.pyc'))
    t.equal(await digest(folder, 'app'), before, 'ignored files do not count')
    repository.write({ 'app/bias_audit.md': 'another one' })
    t.equal(await digest(folder, 'app'), before, 'evidence does not count')
    chmodSync(path.join(application, 'a.yaml'), 0o755)
    t.equal(await digest(folder, 'app'), before, 'modes do not count')
    mkdirSync(path.join(application, 'empty/folder'), { recursive: true })
    t.equal(await digest(folder, 'app'), before, 'empty folders do not count')
    repository.write({ 'app/new.yaml': 'n' })
    const added = await digest(folder, 'app')
    t.not(added, before, 'a file that Git would add counts')
    repository.commit()
    t.equal(await digest(folder, 'app'), added, 'adding the file to Git changes nothing')
    renameSync(path.join(application, 'new.yaml'), path.join(application, 'renamed.yaml'))
    const renamed = await digest(folder, 'app')
    t.not(renamed, added, 'the name counts')
    unlinkSync(path.join(application, 'renamed.yaml'))
    t.equal(await digest(folder, 'app'), before, 'a deleted file does not count, committed or not')
    repository.write({ 'app/a.yaml': 'A' })
    t.not(await digest(folder, 'app'), before, 'the content counts')
  }
)

t.test('mlgitops.yaml names the evidence file', async t => {
  const repository = repositoryOf(t, {
    'app/mlgitops.yaml':
      'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nevidence: { biasAudit: audits/2026.md }\n',
    'app/audits/2026.md': 'this',
    'app/bias_audit.md': 'not this'
  })
  const { folder } = repository
  t.equal(
    await digest(folder, 'app'),
    byCoreutils(path.join(folder, 'app'), ['audits/2026.md', 'mlgitops.yaml'])
  )
})

t.test('--list prints the list, which sha256sum checks', async t => {
  const repository = repositoryOf(t, awkward)
  const list = `${await digest(repository.folder, 'app', '--list')}\n`
  t.equal(
    `sha256:${createHash('sha256').update(list).digest('hex')}`,
    await digest(repository.folder, 'app')
  )
  const folder = path.join(repository.folder, 'app')
  const checked = execFileSync('sha256sum', ['-c', '--quiet'], { cwd: folder, input: list })
  t.equal(checked.toString(), '')
})

t.test('A name that sha256sum escapes is escaped', async t => {
  const names = ['back\\slash', 'line\nbreak', 'carriage\rreturn']
  const repository = repositoryOf(
    t,
    Object.fromEntries(names.map(name => [`app/${name}`, name] as const))
  )
  const expected = byCoreutils(path.join(repository.folder, 'app'))
  t.equal(await digest(repository.folder, 'app'), expected)
  t.equal(await digest(exported(t, repository), 'app'), expected)
})

t.test(
  'A link counts by the name of its target, and a warning names a target elsewhere',
  async t => {
    const repository = repositoryOf(t, { 'app/a.yaml': 'a', 'b/x': 'x' })
    const copy = exported(t, repository)
    const warning = (name: string) =>
      `mlgitops: warning: ${name}: the model digest does not cover the target of the link: name it in model.sources of mlgitops.yaml`
    const cases = { 'a.yaml': false, nowhere: false, '../../../../../etc': true, '../b': true }
    for (const [target, isElsewhere] of Object.entries(cases)) {
      const found = [repository.folder, copy].map(async folder => {
        symlinkSync(target, path.join(folder, 'app/link'))
        const printed = await digest(folder, 'app')
        const list = await digest(folder, 'app', '--list')
        unlinkSync(path.join(folder, 'app/link'))
        return { printed, list }
      })
      const [inWorkTree, inCopy] = await Promise.all(found)
      t.same(inWorkTree, inCopy)
      t.match(
        inWorkTree?.list,
        `${createHash('sha256').update(target).digest('hex')} @link`,
        target
      )
      t.equal(inWorkTree?.printed.includes(warning('link')), isElsewhere)
    }
  }
)

t.test('Of a repository in the work tree the files count that it tracks or would add', async t => {
  const repository = repositoryOf(t, { 'app/a.yaml': 'a' })
  const nested = path.join(repository.folder, 'app/nested')
  execFileSync('git', ['init', '--quiet', nested])
  for (const file of ['x', 'y.pyc', '.gitignore'])
    writeFileSync(path.join(nested, file), file === '.gitignore' ? '*.pyc\n' : file)
  const found = await digest(repository.folder, 'app')
  rmSync(path.join(nested, '.git'), { recursive: true })
  unlinkSync(path.join(nested, 'y.pyc'))
  t.equal(found, byCoreutils(path.join(repository.folder, 'app'), ['nested/.gitignore']))
})

t.test('A file that a digest cannot include is a fault that names it', async t => {
  const repository = repositoryOf(t, { 'app/a.yaml': 'a' })
  const copy = exported(t, repository)
  execFileSync('mkfifo', [path.join(copy, 'app/pipe')])
  t.equal(
    await digest(copy, 'app'),
    'mlgitops: pipe: the model digest cannot include a device, pipe or socket [MODEL_DIGEST_FILE]\n' +
      '  expected: a regular file or a link\n' +
      '  remedy:   Remove it from the sources of the model (model.sources in mlgitops.yaml).'
  )
  unlinkSync(path.join(copy, 'app/pipe'))
  for (const folder of [repository.folder, copy]) {
    execFileSync('sh', ['-c', 'touch "$(printf \'app/\\377\')"'], { cwd: folder })
    t.equal(
      await digest(folder, 'app'),
      'mlgitops: \uFFFD: cannot be read: the name is not UTF-8 (ENOENT) [FILE_UNREADABLE]',
      'invalid UTF-8'
    )
  }
})

t.test('A submodule counts by its files, and must be checked out', async t => {
  const repository = repositoryOf(t, { 'app/a.yaml': 'a', 'app/in/x': 'x', 'b/x': 'x' })
  const { folder } = repository
  const other = repositoryOf(t, { x: 'x', 'y/z': 'z' })
  repository.git(
    ...['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add'],
    ...[`file://${other.folder}`, 'app/sub']
  )
  repository.commit()
  const expected = await digest(folder, 'app')
  t.equal(
    (await digest(folder, 'app', '--list')).replace(/[0-9a-f]{64}/g, '#'),
    ['a.yaml', 'in/x', 'sub/x', 'sub/y/z'].map(name => `#  ${name}`).join('\n')
  )
  const copy = exported(t, repository)
  const absent = (file: string) =>
    `mlgitops: ${file}: the submodule is not checked out [FILE_NOT_CHECKED_OUT]\n`
  t.match(await digest(copy, 'app'), absent('sub'), 'an export has an empty folder')
  rmSync(path.join(copy, 'app/sub'), { recursive: true })
  t.match(await digest(copy, 'app'), absent('sub'), 'or none')
  execFileSync('cp', ['-r', other.folder, path.join(copy, 'app/sub')])
  t.equal(await digest(copy, 'app'), expected, 'with its files')
  repository.git('submodule', '--quiet', 'deinit', '--force', 'app/sub')
  t.match(await digest(folder, 'app'), absent('sub'), 'an empty folder of a submodule')
})

t.test('Files below a folder that became a link count as deleted', async t => {
  const repository = repositoryOf(t, { 'app/a.yaml': 'a', 'app/in/x': 'x', 'b/x': 'x' })
  const { folder } = repository
  rmSync(path.join(folder, 'app/in'), { recursive: true })
  symlinkSync('../b', path.join(folder, 'app/in'))
  repository.write({ '.git/info/exclude': 'app/in\n' })
  t.match(
    await digest(folder, 'app'),
    'in: the folder is a link or is below a link [PATH_LINKED_FOLDER]'
  )
  unlinkSync(path.join(folder, 'app/in'))
  repository.write({ 'app/in': 'a file in its place' })
  t.match(await digest(folder, 'app'), /^sha256:/, 'files below the link count as deleted')
})

t.test('An empty folder, a sparse checkout and a model that is too large are refused', async t => {
  const repository = repositoryOf(t, {
    'app/a.yaml': 'a',
    'app/b.yaml': 'b',
    '.gitignore': 'none\n'
  })
  const { folder } = repository
  repository.write({ 'none/x': 'x' })
  const empty =
    'mlgitops: .: the model has no files [MODEL_DIGEST_EMPTY]\n' +
    '  expected: a file that Git does not ignore and that is not evidence, a value file or a manifest that runs nothing\n' +
    '  remedy:   Name what the model is made of: model.sources in mlgitops.yaml.'
  t.equal(await digest(folder, 'none'), empty, 'all files are ignored')
  const copy = exported(t, repository)
  mkdirSync(path.join(copy, 'audit'))
  writeFileSync(path.join(copy, 'audit/bias_audit.md'), '')
  t.equal(await digest(copy, 'audit'), empty, 'only evidence')
  repository.git('sparse-checkout', 'set', '--no-cone', '/app/a.yaml')
  t.equal(
    await digest(folder, 'app'),
    'mlgitops: b.yaml: a sparse checkout leaves the file out [FILE_NOT_CHECKED_OUT]\n' +
      '  remedy:   Run git sparse-checkout add app, or git sparse-checkout disable (after git update-index --skip-worktree: --no-skip-worktree, then git checkout).'
  )
  const tooLarge = (where: string, limit: string) =>
    `mlgitops: ${where}: the model is too large for a model digest [MODEL_DIGEST_LIMIT]\n` +
    `  expected: at most ${limit}\n` +
    '  remedy:   Name what the model is made of: model.sources in mlgitops.yaml.'
  for (const name of ['app/large', 'app/larger']) {
    writeFileSync(path.join(copy, name), '')
    truncateSync(path.join(copy, name), 2 * 1024 ** 3)
  }
  t.equal(await digest(copy, 'app'), tooLarge('.', '4294967296 bytes'), 'with two bytes more')
  const many = repositoryOf(t, { 'app/a': '' })
  for (let n = 0; n < 10_000; n += 1) writeFileSync(path.join(many.folder, `app/${n}`), '')
  t.equal(await digest(many.folder, 'app'), tooLarge('.', '10000 files'))
  rmSync(path.join(many.folder, '.git'), { recursive: true })
  t.equal(await digest(many.folder, 'app'), tooLarge('.', '10000 files'))
  unlinkSync(path.join(many.folder, 'app/a'))
  t.equal(await digest(many.folder, 'app'), byCoreutils(path.join(many.folder, 'app')))
  rmSync(path.join(many.folder, 'app'), { recursive: true })
  for (let n = 0; n < 10_000; n += 1)
    mkdirSync(path.join(many.folder, `app/${n}`), { recursive: true })
  t.equal(await digest(many.folder, 'app'), tooLarge('.', '10000 folders'))
})
