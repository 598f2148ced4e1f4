import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import type { JsonObject } from '../../common/json.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { annotations } from '../../evidence/annotations.ts'
import { decodeStatement } from '../../evidence/attestation/decode-statement.ts'
import { parseEnvelope } from '../../evidence/attestation/dsse.ts'
import { readSigningKey } from '../../evidence/attestation/key.ts'
import { readFunctionConfig } from '../../plugin/function/function-config.ts'
import { runFunction } from '../../plugin/function/run-function.ts'
import { renderRelease } from '../../plugin/flux/release/render-release.ts'
import type { Report } from '../../webhook/check/report.ts'
import { digest, exported, repositoryOf } from './digested.ts'
import { annotationsOf, objects, render } from './repository.ts'
import type { TestRepository } from './repository.ts'

const app = 'models/churn'
const pod = `apiVersion: v1
kind: Pod
metadata: { name: p, namespace: ml }
spec: { containers: [{ name: c, image: host/i }] }
`
const files = {
  'models/churn/pod.yaml': pod,
  'models/churn/src/train.py': 'print(1)\n',
  'models/other/pod.yaml': pod.replace('name: p', 'name: other'),
  'policies/p.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: ModelPolicy
metadata: { name: audited }
spec: { validationActions: [Deny], matchConstraints: { roles: [run] }, rules: [{ biasAudit: { covers: [sources] } }] }
`
}
const example = readFileSync('manifests/examples/mlops-repo/models/sentiment/bias_audit.md', 'utf8')
  .replace('name: sentiment\n', 'name: churn\n')
  .replace(/^modelDigest: .*$/m, 'COVER')

/** Writes and commits the model's audit, with a commit or a digest. */
function audit(repository: TestRepository, cover: string): string {
  const text = example.replace('COVER', cover)
  repository.write({ [`${app}/bias_audit.md`]: text })
  return repository.commit()
}

const keys = t.testdir()
await run({ args: ['keygen', '--out-dir', keys], env: {}, folder: keys })
const key = path.join(keys, 'signing.key')
const signingKey = readSigningKey(readFileSync(key, 'utf8'), 'key')
const documents = (all: readonly JsonObject[]) => all.map(each => writeYaml(each)).join('---\n')

/** The adapters: each renders the commit and returns its output. */
const hosts = {
  'a work tree': async ({ folder }) => (await render(folder, app, '--key', key)).stdout,
  'an export': async (repository, artifact) =>
    (await render(artifact, app, '--key', key, '--revision', repository.git('rev-parse', 'HEAD')))
      .stdout,
  'Argo CD': async repository => {
    const env = {
      ARGOCD_APP_NAME: 'churn',
      ARGOCD_APP_REVISION: repository.git('rev-parse', 'HEAD'),
      ARGOCD_APP_SOURCE_PATH: app
    }
    const folder = path.join(repository.folder, app)
    return (await run({ args: ['render', '.', '--key', key], env, folder })).stdout
  },
  'a function of kustomize': async ({ folder }) => {
    const spec = { path: app, namespace: 'ml' }
    const config = {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind: 'RenderGenerator',
      metadata: { name: 'x' },
      spec
    } as const
    const around = { env: {}, folder, signing: { kind: 'key', key: signingKey } as const }
    const { items } = await runFunction(readFunctionConfig(config, 'f'), [], around)
    return documents(items)
  },
  Flux: async (repository, folder) => {
    const commit = repository.git('rev-parse', 'HEAD')
    const { manifests } = await renderRelease({
      folder,
      name: 'churn',
      release: {
        ...{ sourceRef: { kind: 'GitRepository', name: 'x', namespace: 'ml' }, path: `./${app}` },
        ...{ environment: undefined, targetNamespace: 'ml', values: {}, valuesFrom: [] },
        ...{ keySecret: undefined, artifactName: 'churn', intervalMs: 1, isSuspended: false }
      },
      origin: {
        commit,
        revision: `main@sha1:${commit}`,
        targetRevision: 'main',
        repository: undefined
      },
      valueFiles: [],
      signing: { kind: 'key', key: signingKey }
    })
    return documents(manifests.map(({ object }) => object))
  }
} as const satisfies Record<
  string,
  (repository: TestRepository, artifact: string) => Promise<string>
>

/** The statement in the attestation of the first object. */
function stated(printed: string) {
  const text = annotationsOf(objects(printed)[0])[annotations.attestation] ?? ''
  return decodeStatement(Buffer.from(parseEnvelope(text).payload, 'base64')).facts
}

/** The violations that `mlgitops check` finds in the manifests. */
async function findings({ folder }: TestRepository, printed: string): Promise<readonly string[]> {
  writeFileSync(path.join(keys, 'manifests.yaml'), printed)
  const args = ['check', path.join(keys, 'manifests.yaml'), '--policies', 'policies', '--keys']
  const more = [path.join(keys, 'signing.pub'), '--output', 'json']
  const { stdout } = await run({ args: [...args, ...more], env: {}, folder })
  const { results } = JSON.parse(stdout) as Report
  return results.map(({ message }) => message)
}

const fix = `fix: audit the model at this commit with the digest that mlgitops digest ${app} prints (add --flux for Flux, whose sources lack links, .gitignore, *.png, *.zip and what .sourceignore names)`

for (const [name, renderIn] of Object.entries(hosts)) {
  t.test(`An audit with a model digest is judged by the digest, rendered in ${name}`, async t => {
    const repository = repositoryOf(t, files)
    const found = async () => {
      const printed = await renderIn(repository, exported(t, repository))
      return { printed, findings: await findings(repository, printed) }
    }
    const modelDigest = await digest(repository.folder, app)
    audit(repository, `modelDigest: ${modelDigest}`)
    const good = await found()
    t.same(good.findings, [])
    const { biasAudit, source } = stated(good.printed)
    t.equal(source.modelDigest, modelDigest)
    t.same(biasAudit?.modelDigest, modelDigest)
    t.notOk(Object.hasOwn(biasAudit ?? {}, 'modelCommit'))

    repository.write({ 'models/other/pod.yaml': pod, 'values.yaml': 'a: 1\n' })
    repository.commit()
    t.same((await found()).findings, [], 'a commit elsewhere')
    chmodSync(path.join(repository.folder, app, 'src/train.py'), 0o755)
    repository.commit()
    t.same((await found()).findings, [], 'a mode is none of the digest’s')
    audit(repository, `modelDigest: ${modelDigest} # read again`)
    t.same((await found()).findings, [], 'the evidence changed, and nothing else')

    repository.write({ [`${app}/src/train.py`]: 'print(2)\n' })
    repository.commit()
    const now = await digest(repository.folder, app)
    t.same((await found()).findings, [
      `the bias audit does not cover the model's files; found ${modelDigest} (churn 2.3); allowed: ${now}; ${fix}`
    ])
    const other = await digest(repository.folder, 'models/other')
    audit(repository, `modelDigest: ${other}`)
    t.same((await found()).findings, [
      `the bias audit does not cover the model's files; found ${other} (churn 2.3); allowed: ${now}; ${fix}`
    ])
    const wrong = '0'.repeat(40)
    audit(repository, `modelCommit: "${wrong}"\nmodelDigest: ${now}`)
    t.same((await found()).findings, [], 'the digest decides, not the commit')
  })
}

t.test(
  'Of digest and commit in an audit one must match; a mismatch of both is one violation',
  async t => {
    const repository = repositoryOf(t, files)
    const modelCommit = repository.git('rev-parse', 'HEAD')
    const modelDigest = await digest(repository.folder, app)
    const found = async (commit: string, named: string) => {
      audit(repository, `modelCommit: "${commit}"\nmodelDigest: ${named}`)
      return findings(repository, await hosts['a work tree'](repository))
    }
    const [none, other] = ['0'.repeat(40), `sha256:${'0'.repeat(64)}`]
    t.same(await found(modelCommit, other), [])
    t.same(await found(none, modelDigest), [])
    t.same(await found(none, other), [
      `the bias audit covers neither the model's commit nor its files; found ${none} and ${other} (churn 2.3); allowed: ${modelCommit} or ${modelDigest}; ${fix}`
    ])
  }
)

t.test('A digest is attested whether or not the audit names one', async t => {
  const repository = repositoryOf(t, files)
  const { folder } = repository
  const commit = repository.git('rev-parse', 'HEAD')
  audit(repository, `modelCommit: ${commit}`)
  const { source, biasAudit } = stated(await hosts['a work tree'](repository))
  const members = [
    'commit',
    'committedAt',
    'model',
    'modelCommit',
    'modelDigest',
    'path',
    'targetRevision'
  ]
  t.same(Object.keys(source), members)
  t.equal(source.modelDigest, await digest(folder, app))
  t.equal(biasAudit?.modelCommit, commit)
  symlinkSync('src/train.py', path.join(folder, app, 'link'))
  repository.commit()
  audit(repository, `modelDigest: sha256:${'0'.repeat(64)}`)
  t.equal(
    (await render(folder, app)).stderr,
    'mlgitops: not attested: no signing key (--key)\n',
    'a link to a source of the model'
  )
  audit(repository, `modelDigest: sha256:${'A'.repeat(64)}`)
  t.match(
    (await render(folder, app)).stderr,
    'modelDigest: expected a digest (sha256: and 64 lowercase hexadecimal digits), found a string'
  )
})

t.test('The digest covers files that Git is set to ignore changes of', async t => {
  const repository = repositoryOf(t, files)
  const { folder } = repository
  audit(repository, `modelDigest: ${await digest(folder, app)}`)
  repository.git('update-index', '--assume-unchanged', `${app}/src/train.py`)
  repository.write({ [`${app}/src/train.py`]: 'print(3)\n' })
  const dirty = `mlgitops: warning: the work tree differs from its commit in ${app}/src/train.py: stamped mlgitops.io/git-dirty, not attested\n`
  t.equal((await render(folder, app, '--key', key)).stderr, dirty)
  rmSync(path.join(folder, app, 'src/train.py'))
  t.equal((await render(folder, app, '--key', key)).stderr, dirty, 'nor that it is gone')
})

t.test('--flux excludes what source-controller excludes', async t => {
  const repository = repositoryOf(t, {
    'app/a.yaml': 'a',
    'app/.gitignore': '*.pyc\n',
    'app/.gitattributes': '',
    'app/plots/plot.png': 'p',
    'app/model.tar.gz': 'm',
    'app/.github/x.yaml': 'x',
    'app/deep/.sops.yaml': 's',
    'app/notes.txt': 'n'
  })
  const { folder } = repository
  symlinkSync('a.yaml', path.join(folder, 'app/link'))
  repository.commit()
  repository.write({ 'app/untracked.zip': 'u', 'app/untracked.yaml': 'u', 'app/x.pyc': '' })
  t.match(await digest(folder, 'app', '--list'), /^[0-9a-f]{64} @link$/m)
  const artifact = exported(t, repository)
  const keep = (...files: readonly string[]) => {
    rmSync(path.join(artifact, 'app'), { recursive: true, force: true })
    for (const file of files) {
      mkdirSync(path.dirname(path.join(artifact, 'app', file)), { recursive: true })
      execFileSync('cp', [path.join(folder, 'app', file), path.join(artifact, 'app', file)])
    }
    return digest(artifact, 'app')
  }
  const rest = ['a.yaml', 'notes.txt', 'untracked.yaml']
  t.equal(await digest(folder, 'app', '--flux'), await keep(...rest))
  repository.write({ 'other/.sourceignore': '# nothing\n\n' })
  t.equal(await digest(folder, 'app', '--flux'), await keep(...rest), 'no rule at all')
  repository.write({ 'app/.sourceignore': 'notes.*\ndeep/\n' })
  t.equal(
    await digest(folder, 'app', '--flux'),
    await keep(
      ...['a.yaml', 'untracked.yaml', 'plots/plot.png', 'model.tar.gz', '.github/x.yaml'],
      ...['untracked.zip', '.sourceignore']
    ),
    'rules of the repository take the place of the list, but for what is Git’s'
  )
  t.equal(
    await digest(artifact, 'app', '--flux'),
    'mlgitops: --flux needs a Git work tree [MODEL_DIGEST_SOURCE]\n' +
      '  remedy:   Omit --flux: the files of an unpacked artifact are digested as they are.'
  )
})
