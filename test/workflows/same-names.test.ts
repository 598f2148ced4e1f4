import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import type { JsonObject } from '../../common/json.ts'
import { renderRelease } from '../../plugin/flux/release/render-release.ts'
import { exported } from '../plugin/digested.ts'
import { annotationsOf, objects } from '../plugin/repository.ts'
import { app, monorepo, namesIn, prepare, project } from './monorepo.ts'

const sources = '".", ../src/**, ../*.py, "../my data/train set.csv.dvc", ../configs/training.yaml'
const files = {
  ...monorepo,
  'deploy/mlgitops.yaml': project().replace(/sources: .*/, `sources: [${sources}]`),
  'my data/train set.csv.dvc': 'outs: [{ md5: "1" }]\n',
  'setup.py': 'print(0)\n'
}

/** The names in the annotations of an object; the model commit is empty where it is not known. */
function namesOf(object: JsonObject | undefined) {
  const annotations = annotationsOf(object)
  return {
    commit: annotations['mlgitops.io/model-commit'] ?? '',
    digest: annotations['mlgitops.io/model-digest'] ?? ''
  }
}

/** The names in what a render of Argo CD's checkout prints. */
async function underArgocd(folder: string, commit: string) {
  const env = {
    ARGOCD_APP_NAME: 'churn',
    ARGOCD_APP_REVISION: commit,
    ARGOCD_APP_SOURCE_PATH: app
  }
  const input = { args: ['render', '.'], env, folder: path.join(folder, app) }
  const { stdout } = await run(input)
  return namesOf(objects(stdout)[0])
}

/** The names in the objects of a release of Flux. */
async function underFlux(folder: string, commit: string) {
  const { manifests } = await renderRelease({
    folder,
    name: 'churn',
    release: {
      ...{ sourceRef: { kind: 'GitRepository', name: 'x', namespace: 'ml' }, path: `./${app}` },
      ...{ environment: undefined, targetNamespace: 'ml', values: {}, valuesFrom: [] },
      ...{ keySecret: undefined, artifactName: 'churn', intervalMs: 1, isSuspended: false }
    },
    origin: {
      ...{ commit, revision: `main@sha1:${commit}`, targetRevision: 'main' },
      repository: undefined
    },
    valueFiles: [],
    signing: undefined
  })
  return namesOf(manifests[0]?.object)
}

t.test('a commit has the same names wherever it is rendered', async t => {
  const repository = prepare(t, files)
  const trained = repository.git('rev-parse', 'HEAD')
  repository.write({ 'setup.py': 'print(1)\n' })
  repository.commit()
  repository.git('revert', '--no-edit', 'HEAD')
  const head = repository.git('rev-parse', 'HEAD')
  const { folder } = repository
  const { stdout } = await run({ args: ['digest', app], env: {}, folder })
  const [digest, names] = [stdout.trim(), { commit: trained, digest: stdout.trim() }]
  const copies = mkdtempSync(path.join(tmpdir(), 'mlgitops-names-'))
  t.teardown(() => {
    rmSync(copies, { recursive: true })
  })
  const clone = path.join(copies, 'clone')
  const worktree = path.join(copies, 'worktree')
  execFileSync('git', ['clone', '--quiet', folder, clone], { stdio: 'pipe' })
  repository.git('worktree', 'add', '--quiet', '--detach', worktree)
  const artifact = exported(t, repository)

  t.same(await namesIn(folder), names)
  t.same(await namesIn(clone), names, 'a clone')
  t.same(await namesIn(worktree), names, 'a work tree of git worktree')
  t.same(await underArgocd(clone, head), names, "Argo CD's checkout")
  const withoutHistory = { commit: '', digest }
  t.same(await namesIn(artifact, '--revision', head), withoutHistory, 'an export')
  t.same(await underArgocd(artifact, head), withoutHistory, "Argo CD's checkout without .git")
  t.same(await underFlux(artifact, head), withoutHistory, "Flux's artifact")
})
