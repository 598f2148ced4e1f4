import { execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { run } from '../../bin/run.ts'
import { annotations } from '../../evidence/annotations.ts'
import { repositoryOf } from './digested.ts'
import { annotationsOf, configMap, objects, render } from './repository.ts'

const pod =
  'apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec: { containers: [{ name: c, image: host/i }] }\n'
const files = {
  'app/pod.yaml': pod,
  'app/mlgitops.yaml':
    'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nmodel: { sources: [".", "../src/*.py"] }\n',
  'src/train.py': 'print(1)\n',
  'src/notes.txt': 'n\n',
  'configs/staging.yaml': 'v: 1\n',
  'configs/production.yaml': 'v: 2\n',
  'other/x.yaml': configMap('v: 1'),
  '.gitignore': 'keys/\n*.pyc\n'
}

async function signedRepository(t: Test) {
  const repository = repositoryOf(t, files)
  await run({ args: ['keygen', '--out-dir', 'keys'], env: {}, folder: repository.folder })
  return { repository, key: path.join(repository.folder, 'keys/signing.key') }
}

t.test('A work tree is dirty only by files that the render reads or would read', async t => {
  const { repository, key } = await signedRepository(t)
  const { folder } = repository
  const differing = async (...args: readonly string[]) => {
    const { stdout, stderr } = await render(folder, 'app', '--key', key, ...args)
    if (stderr === '')
      return annotationsOf(objects(stdout)[0])[annotations.attestation] === undefined
    return stderr.replace(/^.*commit in (.*): stamped.*\n$/, '$1')
  }
  const changes: readonly (readonly [string, string | undefined, string | false])[] = [
    ['src/train.py', 'print(2)\n', 'src/train.py'],
    ['src/new.py', '', 'src/new.py'],
    ['src/notes.txt', 'another\n', false],
    ['src/scratch/x.py', '', false],
    ['app/scratch/x.txt', '', 'app/scratch/x.txt'],
    ['app/x.pyc', '', false],
    ['scratch/x.yaml', pod, false],
    ['other/x.yaml', configMap('v: 2'), false],
    ['other/x.yaml', undefined, false],
    ['values.yaml', 'v: 1\n', 'values.yaml'],
    ['configs/base.yaml', 'v: 1\n', 'configs/base.yaml'],
    ['configs/production.yaml', 'v: 3\n', false],
    ['configs/production.yaml', undefined, false],
    ['configs/staging.yaml', 'v: 3\n', 'configs/staging.yaml'],
    ['app/bias_audit.md', undefined, false],
    ['src/train.py', undefined, false]
  ]
  for (const [file, content, expected] of changes) {
    if (content === undefined) rmSync(path.join(folder, file), { force: true })
    else repository.write({ [file]: content })
    const found = await differing('--environment', 'staging')
    if (file === 'src/train.py' && content === undefined)
      t.match(found, 'the pattern matches no file of the model', 'a deleted source')
    else t.equal(found, expected, `${file}: ${content ?? 'deleted'}`)
    repository.git('checkout', '--quiet', '--', '.')
    repository.git('clean', '--quiet', '--force', '-d')
  }
  repository.write({ 'src/moved.py': 'print(1)\n' })
  rmSync(path.join(folder, 'src/train.py'))
  repository.git('add', '--all')
  t.equal(await differing(), 'src/moved.py, src/train.py', 'a staged rename')
})

t.test('Many files that differ are counted', async t => {
  const { repository, key } = await signedRepository(t)
  repository.write(
    Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`src/${index}.py`, ''] as const))
  )
  t.equal(
    (await render(repository.folder, 'app', '--key', key)).stderr,
    'mlgitops: warning: the work tree differs from its commit in src/0.py, src/1.py, src/2.py, src/3.py, src/4.py, src/5.py, src/6.py, src/7.py and 2 more: stamped mlgitops.io/git-dirty, not attested\n'
  )
})

t.test('--require-signature prints nothing unless all is attested that has to be', async t => {
  const { repository, key } = await signedRepository(t)
  const { folder } = repository
  const required = (...args: readonly string[]) =>
    render(folder, 'app', '--require-signature', ...args)
  const signed = await required('--key', key)
  t.equal(signed.exitCode, 0)
  t.match(annotationsOf(objects(signed.stdout)[0])[annotations.attestation], /^\{/)
  t.same(await required(), {
    stdout: '',
    stderr:
      'mlgitops: app/pod.yaml:1:1: objects are not attested: no signing key (--key) [SIGNATURE_REQUIRED]\n' +
      '  found:    Pod p\n' +
      '  remedy:   Name a signing key: --key, or MLGITOPS_SIGNING_KEY_FILE.\n',
    exitCode: 1
  })
  repository.write({ 'src/train.py': 'print(2)\n' })
  t.same(await required('--key', key), {
    stdout: '',
    stderr:
      'mlgitops: app/pod.yaml:1:1: objects are not attested: the work tree differs from its commit in src/train.py [SIGNATURE_REQUIRED]\n' +
      '  found:    Pod p\n' +
      '  remedy:   Commit or restore the files, or have Git ignore those that no render reads.\n',
    exitCode: 1
  })
  const preview = await run({
    args: ['render', '.', '--require-signature', '--key', key],
    env: { ARGOCD_APP_REVISION: 'streamed', ARGOCD_APP_SOURCE_PATH: 'app' },
    folder: path.join(folder, 'app')
  })
  t.equal(preview.stdout, '')
  t.match(preview.stderr, 'objects are not attested: a preview is not of a commit')
  const nothingRuns = await render(folder, 'other', '--require-signature')
  t.equal(nothingRuns.exitCode, 0, 'a ConfigMap needs no attestation')
})

t.test('A registry entry has to be attested', async t => {
  const entry =
    'apiVersion: mlops.example.com/v1\nkind: Entry\nmetadata: { name: e }\nspec: { uri: s3://b/m, precision: 0.9 }\n'
  const repository = repositoryOf(t, {
    'app/entry.yaml': entry,
    'app/mlgitops.yaml':
      'apiVersion: mlgitops.io/v1alpha1\nkind: Project\nkinds: [{ group: mlops.example.com, kind: Entry, uris: [spec.uri] }]\n'
  })
  t.match(
    (await render(repository.folder, 'app', '--require-signature')).stderr,
    'found:    mlops.example.com/Entry e'
  )
})

t.test('fn --require-signature', async t => {
  const { repository } = await signedRepository(t)
  const list = {
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    functionConfig: {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'RenderGenerator',
      metadata: { name: 'x' },
      spec: { path: 'app' }
    },
    items: []
  }
  const bundle = path.resolve('bin/mlgitops.ts')
  t.ok(existsSync(bundle))
  t.throws(
    () =>
      execFileSync(process.execPath, [bundle, 'fn', '--require-signature'], {
        cwd: repository.folder,
        input: JSON.stringify(list),
        stdio: 'pipe'
      }),
    { message: /objects are not attested: no signing key/ }
  )
})
