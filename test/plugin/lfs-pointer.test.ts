import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
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
const chart = { 'a/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n' }
const pointer =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n'

t.test('a Git LFS pointer is not the content of a file', async t => {
  const template = { 'a/x.yaml': configMap('v: 1') }
  const cases: readonly [string, Files][] = [
    ['a/x.yaml', {}],
    ['a/values.yaml', template],
    ['values.yaml', template],
    ['configs/base.yaml', template],
    ['a/team.yaml', { ...template, 'a/mlgitops.yaml': project('values: [team.yaml]') }],
    ['a/mlgitops.yaml', template],
    ['a/values.schema.json', template],
    ['a/bias_audit.md', template],
    ['a/bias_audit.json', template],
    ['a/w.yaml', { ...template, 'a/mlgitops.yaml': templates('verbatim: [w.yaml]') }],
    ['a/kustomization.yaml', template],
    ['a/r.yaml', { 'a/kustomization.yaml': 'resources: [r.yaml]\n' }],
    [
      'a/data.csv',
      { 'a/kustomization.yaml': 'configMapGenerator: [{name: m, files: [data.csv]}]\n' }
    ],
    ['a/Chart.yaml', {}],
    ['a/templates/x.yaml', chart],
    ['a/files/model.json', { ...chart, 'a/templates/x.yaml': configMap('v: 1') }],
    ['a/charts/sub-1.0.0.tgz', { ...chart, 'a/templates/x.yaml': configMap('v: 1') }]
  ]
  for (const [file, files] of cases) {
    const repository = repositoryOf(t, { ...files, [file]: pointer })
    const { stdout, stderr, exitCode } = await render(repository.folder, 'a')
    t.equal(exitCode, 1, file)
    t.equal(stdout, '', file)
    t.match(
      stderr,
      `mlgitops: ${file}: the file is a Git LFS pointer, not its content [FILE_NOT_CHECKED_OUT]\n  remedy:   Run git lfs pull;`
    )
  }
})

t.test("a pointer in the caller's value file, with line ends of Windows or a mark", async t => {
  const repository = repositoryOf(t, { 'a/x.yaml': configMap('v: 1') })
  const outside = mkdtempSync(path.join(tmpdir(), 'mlgitops-values-'))
  t.teardown(() => {
    rmSync(outside, { recursive: true })
  })
  const file = path.join(outside, 'v.yaml')
  for (const text of [pointer, pointer.replaceAll('\n', '\r\n'), `\uFEFF${pointer}`]) {
    writeFileSync(file, text)
    const { stderr, exitCode } = await render(repository.folder, 'a', '--values', file)
    t.match(stderr, 'mlgitops: --values v.yaml: the file is a Git LFS pointer')
    t.equal(exitCode, 1)
  }
  const about = `# ${pointer}v: 1\n`.replace('\noid', '\n# oid').replace('\nsize', '\n# size')
  writeFileSync(file, about)
  t.equal((await render(repository.folder, 'a', '--values', file)).exitCode, 0, 'a comment')
})

t.test('a pointer counts as the file that it stands for in a model digest', async t => {
  const weights = 'these are the weights'
  const oid = createHash('sha256').update(weights).digest('hex')
  const repository = repositoryOf(t, {
    'a/x.yaml': configMap('v: 1'),
    'a/bias_audit.json': '{}',
    'a/weights/model.bin': pointer.replace(/sha256:[0-9a-f]{64}/, `sha256:${oid}`)
  })
  const withPointer = await run({ args: ['digest', 'a'], env: {}, folder: repository.folder })
  t.match(withPointer, { stdout: /^sha256:/, stderr: '' })
  repository.write({ 'a/weights/model.bin': weights })
  t.same(await run({ args: ['digest', 'a'], env: {}, folder: repository.folder }), withPointer)
  repository.write({ 'a/weights/model.bin': `${pointer}${'x'.repeat(2_000)}` })
  const large = await run({ args: ['digest', 'a'], env: {}, folder: repository.folder })
  t.match(large.stdout, /^sha256:/, 'a model can start like a pointer')
})
