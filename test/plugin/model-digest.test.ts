import { execFileSync } from 'node:child_process'
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
  t.equal(await digest(copy), byCoreutils(copy), 'of the root')
  t.equal(
    await digest(repository.folder),
    byCoreutils(repository.folder),
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
  t.equal(await digest(folder, 'app'), byCoreutils(path.join(folder, 'app'), 'audits/2026.md'))
})

t.test('A file that a digest cannot include is a fault that names it', async t => {
  const repository = repositoryOf(t, { 'app/a.yaml': 'a', 'b/x': 'x' })
  const copy = exported(t, repository)
  const cannotInclude = (name: string, what: string) =>
    `mlgitops: ${name}: the model digest cannot include ${what} [MODEL_DIGEST_FILE]\n` +
    '  expected: a regular file with a plain name\n' +
    '  remedy:   Replace it with a regular file, or use modelCommit in the bias audit.'
  const name = 'a name with a backslash, a line break or invalid UTF-8'
  const cases: readonly (readonly [string, string, (file: string) => void])[] = [
    [
      'link',
      'a symbolic link',
      file => {
        symlinkSync('a.yaml', file)
      }
    ],
    [
      'dangling',
      'a symbolic link',
      file => {
        symlinkSync('nowhere', file)
      }
    ],
    [
      'out',
      'a symbolic link',
      file => {
        symlinkSync('../../../../../etc', file)
      }
    ],
    [
      'to-folder',
      'a symbolic link',
      file => {
        symlinkSync('../b', file)
      }
    ],
    [
      'back\\slash',
      name,
      file => {
        writeFileSync(file, '')
      }
    ],
    [
      'line\nbreak',
      name,
      file => {
        writeFileSync(file, '')
      }
    ],
    [
      'carriage\rreturn',
      name,
      file => {
        writeFileSync(file, '')
      }
    ],
    [
      'nested',
      'a repository inside the repository',
      file => {
        const files = ['-c', 'user.name=T', '-c', 'user.email=t@t']
        execFileSync('git', ['init', '--quiet', file])
        writeFileSync(path.join(file, 'x'), 'x')
        execFileSync('git', ['-C', file, 'add', 'x'])
        execFileSync('git', ['-C', file, ...files, 'commit', '--quiet', '--message', 'x'])
      }
    ]
  ]
  for (const [file, what, make] of cases) {
    for (const folder of [repository.folder, copy]) {
      const absolute = path.join(folder, 'app', file)
      make(absolute)
      const message = cannotInclude(file.replace(/[\n\r]/, '\uFFFD'), what)
      t.equal(
        await digest(folder, 'app'),
        file === 'line\nbreak' ? cannotInclude(file, what) : message
      )
      rmSync(absolute, { recursive: true })
    }
  }
  execFileSync('mkfifo', [path.join(copy, 'app/pipe')])
  t.equal(await digest(copy, 'app'), cannotInclude('pipe', 'a device, pipe or socket'))
  unlinkSync(path.join(copy, 'app/pipe'))
  execFileSync('sh', ['-c', 'touch "$(printf \'app/\\377\')"'], { cwd: copy })
  t.equal(await digest(copy, 'app'), cannotInclude('\uFFFD', name), 'invalid UTF-8')
})

t.test('A submodule and a linked folder are faults, checked out or not', async t => {
  const repository = repositoryOf(t, { 'app/a.yaml': 'a', 'app/in/x': 'x', 'b/x': 'x' })
  const { folder } = repository
  const other = repositoryOf(t, { x: 'x' })
  repository.git(
    ...['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add'],
    ...[`file://${other.folder}`, 'app/sub']
  )
  repository.commit()
  const refused =
    'mlgitops: sub: the model digest cannot include a repository inside the repository [MODEL_DIGEST_FILE]\n'
  t.match(await digest(folder, 'app'), refused)
  repository.git('submodule', '--quiet', 'deinit', '--force', 'app/sub')
  t.match(await digest(folder, 'app'), refused, 'an empty folder of a submodule')
  repository.git('rm', '--quiet', '--cached', 'app/sub')
  rmSync(path.join(folder, 'app/sub'), { recursive: true })
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
    'mlgitops: .: there are no files to digest [MODEL_DIGEST_EMPTY]\n' +
    '  expected: a file that is neither a bias audit nor ignored by Git'
  t.equal(await digest(folder, 'none'), empty, 'all files are ignored')
  const copy = exported(t, repository)
  mkdirSync(path.join(copy, 'audit'))
  writeFileSync(path.join(copy, 'audit/bias_audit.md'), '')
  t.equal(await digest(copy, 'audit'), empty, 'only evidence')
  repository.git('sparse-checkout', 'set', '--no-cone', '/app/a.yaml')
  t.equal(
    await digest(folder, 'app'),
    'mlgitops: app/b.yaml: a sparse checkout excludes a file of the model [MODEL_DIGEST_FILE]\n' +
      '  remedy:   git sparse-checkout disable'
  )
  const tooLarge = (where: string, limit: string) =>
    `mlgitops: ${where}: the model is too large for a model digest [MODEL_DIGEST_LIMIT]\n` +
    `  expected: at most ${limit}\n` +
    '  remedy:   Keep data elsewhere, or use modelCommit in the bias audit.'
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
