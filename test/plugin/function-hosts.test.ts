import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { digestOf } from '../../bin/demo/repository.ts'
import { generateKeyPair } from '../../evidence/attestation/key.ts'
import { buildInto } from '../built.ts'
import { peersFolder } from '../e2e/peers/peer.ts'
import { annotationsOf, objects, TestRepository } from './repository.ts'

/** Runs the function in its real hosts: kustomize (`npm run peers`), kubectl and kpt. */
const repository = new TestRepository({})
cpSync('manifests/examples/mlops-repo', repository.folder, { recursive: true })
repository.git('config', 'remote.origin.url', 'https://git.example.com/acme/mlops-repo.git')
const tools = path.join(repository.folder, '.git/tools')
mkdirSync(tools)
const bundle = path.join(tools, 'mlgitops.js')
buildInto(tools)
for (const name of ['mlgitops', 'mlgitops-fn']) symlinkSync(bundle, path.join(tools, name))
const key = path.join(tools, 'signing.key')
writeFileSync(key, generateKeyPair().privatePem)
const commit = repository.commit('the example')
const tagOf = async (application: string) =>
  (await digestOf(repository.folder, application)).slice('sha256:'.length, 19)
const sentiment = `registry.example.com/ml/sentiment:${await tagOf('models/sentiment')}`
const churn = await tagOf('models/churn-prediction')
t.teardown(() => {
  repository.remove()
})

const env = {
  HOME: tools,
  PATH: [tools, path.dirname(process.execPath), process.env.PATH, peersFolder(process.env)].join(
    ':'
  )
}

function host(
  command: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {}
) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: repository.folder,
    env: { ...env, ...more },
    encoding: 'utf8'
  })
  return { status, stdout, stderr }
}

/** The reason to skip a test, printed in its result: the host is not installed. */
function absent(command: string, ...args: string[]): string | false {
  return host(command, args).status === 0 ? false : `SKIPPED: ${command} was not found`
}

const build = ['build', '--enable-alpha-plugins', '--enable-exec']
const overlay = 'kustomize/overlays/staging'
const images = (text: string): readonly string[] => [
  ...new Set(Array.from(text.matchAll(/^ *-? image: (\S+)$/gm), ([, image = '']) => image).sort())
]

t.test('kustomize builds the overlays', { skip: absent('kustomize', 'version') }, t => {
  const signed = { MLGITOPS_SIGNING_KEY_FILE: key }
  const staging = host('kustomize', [...build, overlay], signed)
  t.equal(staging.stderr, '')
  t.same(
    objects(staging.stdout).map(({ kind }) => kind),
    ['ConfigMap', 'Deployment', 'Deployment', 'HorizontalPodAutoscaler', 'Canary']
  )
  t.same(images(staging.stdout), [`registry.example.com/ml/dashboard:${commit}`, sentiment])
  const [record, ...others] = objects(staging.stdout)
  t.same(record?.data, { commit, image: sentiment })
  for (const object of others) t.equal(annotationsOf(object)['mlgitops.io/git-commit'], commit)
  t.equal(staging.stdout.match(/mlgitops\.io\/attestation:/g)?.length, 2, 'both Deployments')
  t.notMatch(staging.stdout, /config\.kubernetes\.io|config\.k8s\.io/, 'no internal annotation')
  const production = host('kustomize', [...build, 'kustomize/overlays/production'], signed)
  t.equal(production.status, 0, production.stderr)
  t.notMatch(production.stdout, 'key: spot')
  t.match(staging.stdout, 'key: spot')
  const argocd = {
    ARGOCD_APP_REVISION: commit,
    ARGOCD_APP_SOURCE_PATH: overlay,
    ARGOCD_APP_SOURCE_REPO_URL: 'https://u:p@git.example.com/acme/mlops-repo.git'
  }
  const byArgocd = host('kustomize', [...build, overlay], { ...signed, ...argocd })
  t.equal(byArgocd.stdout, staging.stdout, "Argo CD's kustomize prints the same bytes")
  const file = path.join(repository.folder, overlay, 'sentiment.yaml')
  const text = readFileSync(file, 'utf8')
  writeFileSync(file, text.replace('environment: staging', 'environment: nope'))
  const failed = host('kustomize', [...build, overlay])
  writeFileSync(file, text)
  t.equal(failed.status, 1)
  t.equal(failed.stdout, '')
  t.match(failed.stderr, /^mlgitops: unknown environment "nope" \[ENVIRONMENT_UNKNOWN\]\n/)
  const validating = path.join(repository.folder, 'validating')
  mkdirSync(validating)
  const validator = text
    .replace('RenderGenerator', 'RenderTransformer')
    .replace('../../../models', '../models')
  writeFileSync(path.join(validating, 'check.yaml'), validator)
  writeFileSync(
    path.join(validating, 'map.yaml'),
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n'
  )
  writeFileSync(
    path.join(validating, 'kustomization.yaml'),
    'resources: [map.yaml]\nvalidators: [check.yaml]\n'
  )
  const refused = host('kustomize', [...build, 'validating'])
  rmSync(validating, { recursive: true })
  t.match(refused.stderr, "validator shouldn't modify the resource map", 'as the docs say')
  t.end()
})

t.test(
  'kubectl kustomize runs the legacy plugin',
  { skip: absent('kubectl', 'version', '--client') },
  t => {
    for (const kind of ['RenderGenerator', 'RenderTransformer']) {
      const folder = path.join(tools, 'plugins/mlgitops.io/v1alpha1', kind.toLowerCase())
      mkdirSync(folder, { recursive: true })
      symlinkSync(bundle, path.join(folder, kind))
    }
    chmodSync(bundle, 0o755)
    const legacy = path.join(repository.folder, 'legacy')
    cpSync(path.join(repository.folder, overlay), path.join(legacy, 'a/b'), { recursive: true })
    for (const name of ['sentiment.yaml', 'commit.yaml']) {
      const file = path.join(legacy, 'a/b', name)
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, text.replace(/ {2}annotations:\n.*\n.*\n/, ''))
    }
    const kustomization = path.join(legacy, 'a/b/kustomization.yaml')
    writeFileSync(
      kustomization,
      readFileSync(kustomization, 'utf8').replaceAll('../../', '../../../kustomize/')
    )
    repository.commit('the same overlay without function annotations')
    const plugins = { KUSTOMIZE_PLUGIN_HOME: path.join(tools, 'plugins') }
    const ran = host('kubectl', ['kustomize', '--enable-alpha-plugins', 'legacy/a/b'], plugins)
    t.equal(ran.status, 0, ran.stderr)
    t.equal(ran.stderr, '')
    const head = repository.git('rev-parse', 'HEAD')
    t.same(images(ran.stdout), [`registry.example.com/ml/dashboard:${head}`, sentiment])
    writeFileSync(
      path.join(legacy, 'a/b/sentiment.yaml'),
      'apiVersion: mlgitops.io/v1alpha1\nkind: RenderGenerator\nmetadata: {name: x}\nspec: {path: nope}\n'
    )
    const failed = host('kubectl', ['kustomize', '--enable-alpha-plugins', 'legacy/a/b'], plugins)
    t.equal(failed.status, 1)
    t.match(failed.stderr, 'nope: the folder does not exist [PATH_NOT_FOUND]')
    mkdirSync(path.join(legacy, 'trap'))
    writeFileSync(path.join(legacy, 'trap/kustomization.yaml'), 'generators: [sentiment.yaml]\n')
    cpSync(
      path.join(repository.folder, overlay, 'sentiment.yaml'),
      path.join(legacy, 'trap/sentiment.yaml')
    )
    const trap = host('kubectl', ['kustomize', '--enable-alpha-plugins', 'legacy/trap'])
    t.same(trap, { status: 0, stdout: '', stderr: '' }, 'the trap that docs/kustomize.md warns of')
    writeFileSync(
      path.join(legacy, 'trap/kustomization.yaml'),
      'resources: [map.yaml]\ntransformers: [commit.yaml]\n'
    )
    const map =
      'apiVersion: v1\ndata:\n  commit: ${GIT_COMMIT}\nkind: ConfigMap\nmetadata:\n  name: m\n'
    writeFileSync(path.join(legacy, 'trap/map.yaml'), map)
    cpSync(
      path.join(repository.folder, overlay, 'commit.yaml'),
      path.join(legacy, 'trap/commit.yaml')
    )
    const second = host('kubectl', ['kustomize', '--enable-alpha-plugins', 'legacy/trap'])
    t.same(second, { status: 0, stdout: map, stderr: '' }, 'and the other one')
    t.equal(host('kubectl', ['kustomize', overlay]).status, 1, 'without the flag it fails')
    t.end()
  }
)

t.test('kpt evaluates and renders a package', { skip: absent('kpt', 'version') }, async t => {
  const folder = path.join(repository.folder, 'package')
  mkdirSync(folder)
  const write = (file: string, text: string) => {
    writeFileSync(path.join(folder, file), text)
  }
  write(
    'own.yaml',
    '# stays\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\ndata:\n  commit: ${GIT_COMMIT}\n'
  )
  write(
    'churn.yaml',
    'apiVersion: mlgitops.io/v1alpha1\nkind: RenderGenerator\nmetadata:\n  name: churn\n  annotations: {config.kubernetes.io/local-config: "true"}\nspec:\n  path: models/churn-prediction\n  environment: staging\n'
  )
  write(
    'commit.yaml',
    'apiVersion: mlgitops.io/v1alpha1\nkind: RenderTransformer\nmetadata:\n  name: commit\n  annotations: {config.kubernetes.io/local-config: "true"}\nspec:\n  environment: staging\n'
  )
  write(
    'Kptfile',
    'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: package\npipeline:\n  mutators:\n    - exec: mlgitops fn\n      configPath: churn.yaml\n    - exec: mlgitops-fn\n      configPath: commit.yaml\n'
  )
  const head = repository.commit('a package')
  t.match(host('kpt', ['fn', 'render', 'package']).stderr, '--allow-exec')
  const rendered = host('kpt', ['fn', 'render', 'package', '--allow-exec'])
  t.equal(rendered.status, 0, rendered.stderr)
  t.match(rendered.stderr, `[info]: rendered 4 objects of models/churn-prediction at ${head}`)
  const files = () => readdirSync(path.join(folder, 'churn')).sort()
  t.same(files(), [
    'inferenceservice_serving.kserve.io_ml-staging_churn-prediction.yaml',
    `job_batch_ml-staging_train-churn-model-${churn}.yaml`,
    `pipelinerun_tekton.dev_ml-staging_churn-pipeline-${churn}.yaml`,
    'registeredmodel_mlgitops.io_ml-staging_churn-prediction.yaml'
  ])
  t.match(
    readFileSync(path.join(folder, 'own.yaml'), 'utf8'),
    new RegExp(`^# stays\n[^]*commit: "?${head}"?\n`)
  )
  const values = 'models/churn-prediction/values.yaml'
  const text = readFileSync(path.join(repository.folder, values), 'utf8')
  repository.write({ [values]: text.replace('trees: 400', 'trees: 500') })
  repository.commit('rendered, and another model')
  const next = await tagOf('models/churn-prediction')
  t.not(next, churn)
  const args = [
    'fn',
    'eval',
    'package',
    '--exec',
    'mlgitops-fn',
    '--fn-config',
    'package/churn.yaml'
  ]
  t.equal(host('kpt', args).status, 0)
  t.match(files()[1], next, 'the Job of the earlier model is gone')
  t.equal(files().length, 4)
  write(
    'churn.yaml',
    readFileSync(path.join(folder, 'churn.yaml'), 'utf8').replace('staging', 'nope')
  )
  const failed = host('kpt', [...args, '--results-dir', 'results'])
  t.equal(failed.status, 1)
  const results = readFileSync(path.join(repository.folder, 'results/results.yaml'), 'utf8')
  t.match(results, /severity: error/)
  t.match(results, 'unknown environment "nope" [ENVIRONMENT_UNKNOWN]')
  t.equal(files().length, 4, 'nothing is lost')
  t.ok(existsSync(path.join(folder, 'own.yaml')))
  t.end()
})
