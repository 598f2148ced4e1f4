import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { render } from '../plugin/repository.ts'
import type { TestRepository } from '../plugin/repository.ts'
import { app, job, monorepo, namesIn, prepare, project } from './monorepo.ts'

const canary = `apiVersion: flagger.app/v1beta1
kind: Canary
metadata: { name: churn, namespace: ml }
spec: { analysis: { interval: 1m } }
`
const keys = t.testdir()
await run({ args: ['keygen', '--out-dir', keys], env: {}, folder: keys })
const key = path.join(keys, 'signing.key')

const names = ({ folder }: TestRepository) => namesIn(folder)

/** The violations of what the application path renders, signed, by the policies of the repository. */
async function denied({ folder }: TestRepository): Promise<readonly string[]> {
  const { stdout } = await render(folder, app, '--key', key)
  writeFileSync(path.join(keys, 'manifests.yaml'), stdout)
  const args = ['check', path.join(keys, 'manifests.yaml'), '--policies', 'policies']
  const trusted = ['--keys', path.join(keys, 'signing.pub'), '--output', 'json']
  const report = await run({ args: [...args, ...trusted], env: {}, folder })
  const { results } = JSON.parse(report.stdout) as { readonly results: readonly Result[] }
  return results.map(({ message }) => message)
}

interface Result {
  readonly message: string
}

t.test('code, data and training configuration outside of the manifests are the model', async t => {
  const repository = prepare(t)
  let before = await names(repository)
  for (const file of ['src/train.py', 'data/train.csv.dvc', 'configs/training.yaml']) {
    repository.write({ [file]: 'changed: 1\n' })
    const commit = repository.commit()
    const after = await names(repository)
    t.equal(after.commit, commit, file)
    t.not(after.digest, before.digest, file)
    before = after
  }
  repository.write({ 'README.md': '# More\n', 'src-other/x.py': '1\n' })
  repository.commit()
  t.same(await names(repository), before, 'other files')
})

t.test('a hyperparameter of values.training makes another model, a log level does not', async t => {
  const repository = prepare(t)
  const before = await names(repository)
  repository.write({ 'configs/base.yaml': 'training: { rate: 0.1 }\nlog: warn\n' })
  repository.commit()
  t.same(await names(repository), before)
  repository.write({ 'configs/staging.yaml': 'log: warn\n' })
  repository.commit()
  t.same(await names(repository), before)
  repository.write({ 'configs/base.yaml': 'training: { rate: 0.2 }\nlog: warn\n' })
  const commit = repository.commit()
  const after = await names(repository)
  t.equal(after.commit, commit)
  t.not(after.digest, before.digest)
  repository.write({ 'configs/base.yaml': 'training:\n  rate: 0.10\n' + 'log: error\n' })
  repository.commit()
  t.same(await names(repository), before, 'the first rate, written in another way')
})

t.test('CI tags an image by its commit, then commits the tag', async t => {
  const files = {
    ...monorepo,
    'deploy/mlgitops.yaml': project().replace('".", ', ''),
    'deploy/job.yaml': job('host/trainer:{{ .Values.tag }}'),
    'configs/base.yaml': 'training: { rate: 0.1 }\nlog: info\ntag: none\n'
  }
  const repository = prepare(t, files)
  const built = repository.git('rev-parse', 'HEAD')
  const pin = (tag: string) => {
    repository.write({
      'configs/base.yaml': `training: { rate: 0.1 }\nlog: info\ntag: "${tag}"\n`
    })
    return repository.commit(`Deploy ${tag}`)
  }
  pin(built)
  t.equal((await names(repository)).commit, built)
  t.same(await denied(repository), [])
  pin(built.slice(0, 8))
  t.same(await denied(repository), [], 'a short tag')
  repository.write({ 'src/train.py': 'print(2)\n' })
  repository.commit()
  const [other = ''] = await denied(repository)
  t.match(other, built.slice(0, 8), 'the image was built from other sources')
  pin('0123456789'.repeat(4))
  t.equal((await denied(repository)).length, 1, 'a commit of another repository')
})

t.test('git revert names the old commit again', async t => {
  const repository = prepare(t)
  const before = await names(repository)
  repository.write({ 'src/train.py': 'print(2)\n' })
  repository.commit()
  t.not((await names(repository)).commit, before.commit)
  repository.git('revert', '--no-edit', 'HEAD')
  t.same(await names(repository), before)
})

t.test('a Canary and mlgitops.yaml are no part of the model', async t => {
  const repository = prepare(t)
  const before = await names(repository)
  repository.write({ 'deploy/canary.yaml': canary })
  repository.commit()
  t.same(await names(repository), before)
  repository.write({ 'deploy/mlgitops.yaml': project('# A comment.\n') })
  repository.commit()
  t.same(await names(repository), before)
  repository.write({ 'deploy/job.yaml': job('host/trainer:2') })
  t.equal((await names(repository)).commit, before.commit, 'not committed')
  const commit = repository.commit()
  t.equal((await names(repository)).commit, commit)
})

t.test('branches: rebase, squash merge, cherry-pick and merge', async t => {
  const repository = prepare(t)
  const main = await names(repository)
  repository.git('checkout', '--quiet', '-b', 'feature')
  repository.write({ 'src/train.py': 'print(2)\n' })
  const feature = repository.commit('feature')
  const trained = await names(repository)
  t.equal(trained.commit, feature)

  repository.git('checkout', '--quiet', 'main')
  repository.git('merge', '--quiet', '--squash', 'feature')
  const squashed = repository.commit('squashed')
  t.same(await names(repository), { commit: squashed, digest: trained.digest })

  repository.git('reset', '--quiet', '--hard', main.commit)
  repository.write({ 'README.md': '# More\n' })
  repository.commit('readme')
  repository.git('cherry-pick', 'feature')
  const picked = repository.git('rev-parse', 'HEAD')
  t.same(await names(repository), { commit: picked, digest: trained.digest })

  repository.git('reset', '--quiet', '--hard', 'HEAD~1')
  repository.git('merge', '--quiet', '--no-edit', 'feature')
  t.same(await names(repository), trained, 'merged: the commit of the branch')

  repository.git('checkout', '--quiet', 'feature')
  repository.git('rebase', '--quiet', 'main~1')
  const rebased = repository.git('rev-parse', 'HEAD')
  const after = await names(repository)
  t.equal(after.digest, trained.digest)
  t.equal(after.commit, rebased)
})

t.test('a merge of two branches that both touch the sources', async t => {
  const repository = prepare(t)
  repository.git('checkout', '--quiet', '-b', 'data')
  repository.write({ 'data/train.csv.dvc': 'outs: [{ md5: "2" }]\n' })
  repository.commit('data')
  repository.git('checkout', '--quiet', 'main')
  repository.write({ 'src/train.py': 'print(2)\n' })
  repository.commit('code')
  repository.git('merge', '--quiet', '--no-edit', 'data')
  t.equal((await names(repository)).commit, repository.git('rev-parse', 'HEAD'))
})

t.test('names count, modes do not', async t => {
  const repository = prepare(t)
  const before = await names(repository)
  chmodSync(path.join(repository.folder, 'src/train.py'), 0o755)
  repository.commit()
  t.same(await names(repository), before)
  repository.git('mv', 'src/train.py', 'src/fit.py')
  const moved = repository.commit()
  t.equal((await names(repository)).commit, moved)
})

t.test('a submodule as a source', async t => {
  const library = prepare(t, { 'fit.py': 'print(1)\n' })
  const sources = project().replace('../src/**', '../src/**/*.py')
  const repository = prepare(t, { ...monorepo, 'deploy/mlgitops.yaml': sources })
  const allowed = ['-c', 'protocol.file.allow=always']
  repository.git(...allowed, 'submodule', '--quiet', 'add', library.folder, 'src/library')
  const added = repository.commit('add')
  const before = await names(repository)
  t.equal(before.commit, added)
  library.write({ 'fit.py': 'print(2)\n' })
  library.commit()
  repository.git(...allowed, 'submodule', '--quiet', 'update', '--remote')
  const updated = repository.commit('update')
  const after = await names(repository)
  t.equal(after.commit, updated)
  t.not(after.digest, before.digest)
  repository.git('revert', '--no-edit', 'HEAD')
  repository.git(...allowed, 'submodule', '--quiet', 'update')
  t.same(await names(repository), before)
})

t.test('clones', async t => {
  const repository = prepare(t)
  repository.write({ 'src/train.py': 'print(2)\n' })
  repository.commit()
  repository.git('revert', '--no-edit', 'HEAD')
  repository.git('config', 'uploadpack.allowFilter', 'true')
  const whole = await names(repository)
  const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-clones-'))
  t.teardown(() => {
    rmSync(folder, { recursive: true })
  })
  const clone = (name: string, ...args: readonly string[]) => {
    const root = path.join(folder, name)
    execFileSync('git', ['clone', '--quiet', ...args, root], { stdio: 'pipe' })
    return root
  }
  const url = `file://${repository.folder}`
  t.same(await namesIn(clone('plain', url)), whole, 'a clone')
  const mirror = clone('mirror', '--mirror', url)
  t.same(await namesIn(clone('of-mirror', mirror)), whole, "a bare mirror's clone")
  t.same(await namesIn(clone('partial', '--filter=blob:none', url)), whole, 'without old files')
  repository.git('worktree', 'add', '--quiet', path.join(folder, 'linked'))
  t.same(await namesIn(path.join(folder, 'linked')), whole, 'git worktree add')
  repository.git('commit-graph', 'write', '--reachable', '--changed-paths')
  t.same(await names(repository), whole, 'a commit graph')

  const shallow = clone('shallow', '--depth=1', url)
  t.same(await namesIn(shallow), { commit: '', digest: whole.digest }, 'only the digest')
  const uses = job('host/trainer:{{ .Values.modelCommit }}')
  writeFileSync(path.join(shallow, 'deploy/job.yaml'), uses)
  const { stdout, stderr, exitCode } = await render(shallow, app)
  t.same([stdout, exitCode], ['', 1])
  t.match(stderr, 'fetch-depth: 0')
  const exported = path.join(folder, 'exported')
  execFileSync('sh', ['-c', `mkdir ${exported} && git archive HEAD | tar -x -C ${exported}`], {
    cwd: repository.folder
  })
  const revision = repository.git('rev-parse', 'HEAD')
  t.same(await namesIn(exported, '--revision', revision), { commit: '', digest: whole.digest })
})

t.test('an untracked folder that no render reads changes nothing', async t => {
  const repository = prepare(t)
  repository.write({ 'scratch/notes.txt': 'x\n' })
  const signed = await render(repository.folder, app, '--key', key, '--require-signature')
  t.notMatch(signed.stderr, 'not attested')
  t.equal(signed.exitCode, 0)
  repository.write({ 'src/new.py': 'x\n' })
  const changed = await render(repository.folder, app, '--key', key, '--require-signature')
  t.same([changed.stdout, changed.exitCode], ['', 1])
  t.match(changed.stderr, 'src/new.py')
})
