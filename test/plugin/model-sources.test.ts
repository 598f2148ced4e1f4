import { chmodSync, cpSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { digest, exported, repositoryOf } from './digested.ts'
import { annotationsOf, configMap, objects, render } from './repository.ts'
import type { TestRepository } from './repository.ts'

const project = (settings: string) =>
  `apiVersion: mlgitops.io/v1alpha1\nkind: Project\n${settings}\n`
const app = 'models/churn/deployment'
const job = `apiVersion: batch/v1
kind: Job
metadata: { name: "train-{{ .Values.modelDigestShort }}" }
spec: { template: { spec: { containers: [{ name: c, image: "host/i:{{ .Values.modelDigestShort }}", args: ["{{ .Values.training.epochs }}", "{{ .Values.logLevel }}"] }] } } }
`
const canary = 'apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: { name: c }\nspec: {}\n'
const monorepo = {
  [`${app}/job.yaml`]: job,
  [`${app}/mlgitops.yaml`]: project(
    'model: { name: churn, sources: [".", ../src/**, ../data/train.csv.dvc], values: [training] }'
  ),
  'models/churn/src/train.py': 'print(1)\n',
  'models/churn/src/lib/.hidden.py': 'h\n',
  'models/churn/data/train.csv.dvc': 'md5: 1\n',
  'models/churn/notes.md': 'n\n',
  'configs/base.yaml': 'training: { epochs: 3 }\nlogLevel: info\n',
  'configs/staging.yaml': 'logLevel: debug\n'
}

/** The names of the model that a render writes: its commit and digest. */
async function names({ folder }: TestRepository, ...args: readonly string[]) {
  const { stdout, stderr } = await render(folder, app, ...args)
  if (stdout === '') throw new Error(stderr)
  const annotations = annotationsOf(objects(stdout)[0])
  return [annotations['mlgitops.io/model-commit'], annotations['mlgitops.io/model-digest']]
}

t.test('Each change of a source is another model, and nothing else is', async t => {
  const repository = repositoryOf(t, monorepo)
  const { folder } = repository
  let before = await names(repository)
  t.match(before, [repository.git('rev-parse', 'HEAD'), /^sha256:[0-9a-f]{64}$/])
  const sources: Readonly<Record<string, string>> = {
    'models/churn/src/train.py': 'print(2)\n',
    'models/churn/src/lib/.hidden.py': 'another\n',
    'models/churn/src/new.py': 'new\n',
    'models/churn/data/train.csv.dvc': 'md5: 2\n',
    [`${app}/job.yaml`]: `${job}# another\n`,
    [`${app}/notes.txt`]: 'n\n',
    [`${app}/map.yaml`]: configMap('v: 1'),
    'configs/base.yaml': 'training: { epochs: 4 }\nlogLevel: info\n'
  }
  for (const [file, content] of Object.entries(sources)) {
    repository.write({ [file]: content })
    const commit = repository.commit()
    const now = await names(repository)
    t.equal(now[0], commit, file)
    t.not(now[1], before[1], file)
    before = now
  }
  const others: Readonly<Record<string, string>> = {
    'models/churn/notes.md': 'another\n',
    'README.md': 'r\n',
    [`${app}/canary.yaml`]: canary,
    [`${app}/mlgitops.yaml`]: `${monorepo[`${app}/mlgitops.yaml`]}# another\n`,
    [`${app}/values.yaml`]: 'other: 1\n',
    [`${app}/configs/production.yaml`]: 'other: 2\n',
    [`${app}/.gitignore`]: '*.pyc\n',
    'configs/base.yaml': 'training: { epochs: 4 }\nlogLevel: warn\n',
    'configs/staging.yaml': 'logLevel: trace\n'
  }
  for (const [file, content] of Object.entries(others)) {
    repository.write({ [file]: content })
    repository.commit()
    t.same(await names(repository), before, file)
  }
  chmodSync(path.join(folder, 'models/churn/src/train.py'), 0o755)
  repository.commit()
  t.same(await names(repository), before, 'a mode')
  t.same(await names(repository, '--environment', 'staging'), before, 'an environment')
})

t.test(
  'The names are the same in every copy of a commit; an export has the digest only',
  async t => {
    const repository = repositoryOf(t, monorepo)
    const { folder } = repository
    const [commit, modelDigest = ''] = await names(repository)
    t.equal(await digest(folder, app), modelDigest)
    const copy = exported(t, repository)
    t.equal(await digest(copy, app), modelDigest)
    const printed = await render(copy, app, '--revision', repository.git('rev-parse', 'HEAD'))
    const { 'mlgitops.io/model-commit': unknown, 'mlgitops.io/model-digest': known } =
      annotationsOf(objects(printed.stdout)[0])
    t.same([unknown, known], [undefined, modelDigest])
    const argocd = await run({
      args: ['render', '.'],
      env: {
        ARGOCD_APP_REVISION: repository.git('rev-parse', 'HEAD'),
        ARGOCD_APP_SOURCE_PATH: app
      },
      folder: path.join(folder, app)
    })
    const annotations = annotationsOf(objects(argocd.stdout)[0])
    t.same(
      [annotations['mlgitops.io/model-commit'], annotations['mlgitops.io/model-digest']],
      [commit, modelDigest]
    )
    cpSync(path.join(folder, app), path.join(folder, 'models/churn/copied'), { recursive: true })
    t.equal(await digest(folder, 'models/churn/copied'), modelDigest, 'a copied folder')
  }
)

t.test(
  'The list names files outside of the application path by their path in the repository',
  async t => {
    const { folder } = repositoryOf(t, {
      ...monorepo,
      [`${app}/models/churn/src/train.py`]: 'inside\n'
    })
    const list = await digest(folder, app, '--list')
    t.same(list.replace(/[0-9a-f]{64}/g, '#').split('\n'), [
      '#  job.yaml',
      '#  models/churn/src/train.py',
      '',
      '#  models/churn/data/train.csv.dvc',
      '#  models/churn/src/lib/.hidden.py',
      '#  models/churn/src/train.py',
      '',
      '{"training":{"epochs":3}}'
    ])
  }
)

t.test('A pattern without a match, and one that leaves the repository, are errors', async t => {
  const found = async (sources: string, more: Readonly<Record<string, string>> = {}) => {
    const repository = repositoryOf(t, {
      ...monorepo,
      ...more,
      [`${app}/mlgitops.yaml`]: project(`model: { sources: [${sources}] }`)
    })
    return digest(repository.folder, app)
  }
  const unmatched = (pattern: string) =>
    'mlgitops: mlgitops.yaml: the pattern matches no file of the model [PATTERN_UNMATCHED]\n' +
    `  found:    model.sources: ${JSON.stringify(pattern)}\n` +
    '  expected: at least one file that Git does not ignore; evidence, mlgitops.yaml and manifests that run nothing are never part of a model\n' +
    '  remedy:   Correct or remove the pattern.'
  const outside = (pattern: string) =>
    'mlgitops: mlgitops.yaml: the pattern leaves the repository [PATH_OUTSIDE]\n' +
    `  found:    model.sources: ${JSON.stringify(pattern)}\n` +
    '  expected: a path inside the repository, relative to the application path\n' +
    "  remedy:   Correct the pattern. In files without .git, run the command in the repository's root."
  for (const pattern of ['../nowhere/**', 'nowhere.py', '*.csv', 'mlgitops.yaml', '../src/*.yaml'])
    t.equal(await found(`".", "${pattern}"`), unmatched(pattern))
  t.equal(
    await found('".", canary.yaml', { [`${app}/canary.yaml`]: canary }),
    unmatched('canary.yaml')
  )
  for (const pattern of ['../../../../x', '/etc/passwd', '../../../../*', '../../../..'])
    t.equal(await found(`".", "${pattern}"`), outside(pattern))
  t.match(await found('"*/../x"'), 'the pattern is invalid [PATTERN_INVALID]')
  t.match(await found('"../../../.git/**"'), '[PATTERN_UNMATCHED]')
  t.match(await found('../src'), /^sha256:/, 'a folder')
  t.match(await found('../../../configs/*.yaml'), /^sha256:/, 'value files by name')
})

t.test('A source that is a link to something else is an error', async t => {
  const repository = repositoryOf(t, { ...monorepo, 'tools/train.py': 'print(3)\n' })
  const { folder } = repository
  symlinkSync('train.py', path.join(folder, 'models/churn/src/inside.py'))
  t.match(await digest(folder, app), /^sha256:/)
  symlinkSync('../../../tools/train.py', path.join(folder, 'models/churn/src/outside.py'))
  t.equal(
    await digest(folder, app),
    'mlgitops: ../src/outside.py: the link leads to what is not a source of the model [MODEL_SOURCE_LINK]\n' +
      '  expected: a target that model.sources names too\n' +
      '  remedy:   Add the target to model.sources in mlgitops.yaml, or copy it.'
  )
})

t.test('A declared value that no value file sets is an error', async t => {
  const { folder } = repositoryOf(t, {
    ...monorepo,
    [`${app}/mlgitops.yaml`]: project('model: { values: [training, nothing.here] }')
  })
  t.equal(
    await digest(folder, app),
    'mlgitops: mlgitops.yaml: the value files do not set a value of the model [MODEL_VALUE_MISSING]\n' +
      '  found:    model.values: "nothing.here"\n' +
      '  expected: values that values.yaml, configs/base.yaml or a file of values sets\n' +
      '  remedy:   Correct the name, or set the value without an environment.'
  )
})

t.test(
  'render warns of values that a training workload reads and that are not of the model',
  async t => {
    const repository = repositoryOf(t, monorepo)
    const { folder } = repository
    const unsigned = 'mlgitops: not attested: no signing key (--key)\n'
    const warning = (values: string) =>
      `mlgitops: warning: ${app}/job.yaml: a training workload reads values that are not part of the model: ${values}; name them in model.values of mlgitops.yaml\n`
    t.equal(
      (await render(folder, app)).stderr,
      `${warning('logLevel (configs/base.yaml)')}${unsigned}`
    )
    t.equal(
      (await render(folder, app, '--set', 'training.epochs=9')).stderr,
      `${warning('logLevel (configs/base.yaml), training.epochs (--set)')}${unsigned}`,
      'set past the files'
    )
    repository.write({
      [`${app}/mlgitops.yaml`]: project('model: { sources: [".", ../../../configs/base.yaml] }')
    })
    repository.commit()
    t.equal((await render(folder, app)).stderr, unsigned, 'the value file is a source')
    repository.write({ [`${app}/job.yaml`]: job.replaceAll('batch/v1', 'example.com/v1') })
    t.notMatch((await render(folder, app)).stderr, 'training workload')
  }
)

t.test('The model commit is the old one again after a revert', async t => {
  const repository = repositoryOf(t, monorepo)
  const first = await names(repository)
  repository.write({ 'models/churn/src/train.py': 'print(2)\n' })
  repository.commit()
  const second = await names(repository)
  t.not(second[1], first[1])
  repository.git('revert', '--no-edit', 'HEAD')
  t.same(await names(repository), first)
})
