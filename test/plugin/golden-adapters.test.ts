import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { isFault } from '../../common/fault.ts'
import { member } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { RendererPool } from '../../plugin/flux/renderer/renderer-pool.ts'
import { functionCommand } from '../../plugin/function/function-command.ts'
import { assignValues } from '../../plugin/values/assign.ts'
import { parseSetOption } from '../../plugin/values/set-option.ts'
import { peersFolder } from '../e2e/peers/peer.ts'
import { GoldenCase, goldenCases, repoUrl, revision } from './golden-case.ts'
import { objects } from './repository.ts'

/** Every golden case through every adapter: the same objects as `mlgitops render`, or the same fault. */
process.env.PATH = [process.env.PATH, peersFolder(process.env)].join(path.delimiter)
const hasKustomize = [
  ['kubectl', 'version', '--client'] as const,
  ['kustomize', 'version'] as const
].some(([command, ...args]) => spawnSync(command, args).status === 0)
const hasHelm = spawnSync('helm', ['version']).status === 0
const work = mkdtempSync(path.join(tmpdir(), 'mlgitops-golden-adapters-'))
const pool = new RendererPool(path.join(work, 'renderers'))
t.teardown(() => {
  pool.close()
  rmSync(work, { recursive: true, force: true })
})

const namespace = (golden: GoldenCase) => golden.option('--namespace') ?? 'ml'
const setOf = (golden: GoldenCase) => golden.option('--set')

async function prepared(golden: GoldenCase): Promise<string> {
  const folder = mkdtempSync(path.join(work, 'case-'))
  await golden.prepare(folder)
  return folder
}

/** The objects, or the code of the fault. */
type Answer = readonly JsonObject[] | string
const codeIn = (stderr: string) => /\[([A-Z_]+)\]/.exec(stderr)?.[1] ?? stderr

function expectedOf(golden: GoldenCase): Answer {
  return golden.isError ? codeIn(golden.expected) : objects(golden.expected)
}

async function underArgocd(golden: GoldenCase): Promise<Answer> {
  const root = await prepared(golden)
  const [name = '', string = ''] = setOf(golden)?.split('=') ?? []
  const environment = golden.option('--environment')
  const parameters = [
    ...(environment === undefined ? [] : [{ name: 'environment', string: environment }]),
    ...(name === '' ? [] : [{ name, string }])
  ]
  const { stdout, stderr, exitCode } = await run({
    args: ['render', '.'],
    env: {
      ARGOCD_APP_REVISION: revision,
      ARGOCD_APP_SOURCE_PATH: golden.path,
      ARGOCD_APP_SOURCE_REPO_URL: repoUrl,
      ARGOCD_APP_NAME: golden.option('--app-name'),
      ARGOCD_APP_NAMESPACE: golden.option('--namespace'),
      ARGOCD_APP_PARAMETERS: JSON.stringify(parameters)
    },
    folder: path.join(root, golden.path)
  })
  return exitCode === 0 ? objects(stdout) : codeIn(stderr)
}

/** The values that `--set` gives, as an object. */
function valuesOf(golden: GoldenCase): JsonObject {
  const set = setOf(golden)
  if (set?.includes('prototype') === true) return { a: { constructor: { prototype: { x: 1 } } } }
  return set === undefined ? {} : assignValues([], parseSetOption(set))
}

async function byFlux(golden: GoldenCase): Promise<Answer> {
  try {
    const { bytes } = await pool.render({
      folder: await prepared(golden),
      name: golden.option('--app-name') ?? 'x',
      release: {
        sourceRef: { kind: 'GitRepository', name: 'x', namespace: 'ml' },
        path: golden.path,
        environment: golden.option('--environment'),
        targetNamespace: namespace(golden),
        values: valuesOf(golden),
        valuesFrom: [],
        keySecret: undefined,
        artifactName: 'x',
        intervalMs: 60_000,
        isSuspended: false
      },
      origin: {
        commit: revision,
        revision: `main@sha1:${revision}`,
        targetRevision: 'HEAD',
        repository: { url: repoUrl, cloneUrl: repoUrl }
      },
      valueFiles: [],
      signing: undefined
    })
    return objects(
      execFileSync('tar', ['-xzO', 'manifests.yaml'], { input: bytes, encoding: 'utf8' })
    )
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}

async function asFunction(
  golden: GoldenCase,
  kind: 'RenderGenerator' | 'RenderTransformer',
  items: string | readonly JsonObject[],
  folder: string
): Promise<Answer> {
  const config = {
    ...{ apiVersion: 'mlgitops.io/v1alpha1', kind, metadata: { name: 'x' } },
    spec: {
      ...{ path: golden.path, environment: golden.option('--environment'), revision, repoUrl },
      ...{ namespace: golden.option('--namespace'), appName: golden.option('--app-name') },
      values: valuesOf(golden)
    }
  }
  const head = { apiVersion: 'config.kubernetes.io/v1', kind: 'ResourceList' }
  const list =
    typeof items === 'string'
      ? `${writeYaml(head)}items:\n${items}\nfunctionConfig: ${JSON.stringify(config)}\n`
      : JSON.stringify({ ...head, items, functionConfig: config })
  try {
    const { stdout, stderr, exitCode } = await functionCommand({ args: [], env: {}, folder }, () =>
      Promise.resolve(list)
    )
    const [answer] = readYaml(stdout, { file: 'stdout' })
    if (exitCode !== 0) return codeIn(stderr)
    return member(answer?.value, 'items') as readonly JsonObject[]
  } catch (error) {
    if (isFault(error)) return error.code
    throw error
  }
}

/** The documents of the application path as items, with their text as kpt keeps it. */
function itemsOf(folder: string): string {
  const app = path.join(folder, 'app')
  return readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.yaml') && !/^mlgitops\.yaml$|configs\//.test(file))
    .filter(file => statSync(path.join(app, file)).size < 1_000_000)
    .sort()
    .flatMap(file => readFileSync(path.join(app, file), 'utf8').split(/^---\n/m))
    .map(text => `- ${text.trimEnd().replaceAll('\n', '\n  ')}`)
    .join('\n')
}

/** What a transformer cannot get: it has no files of its own. */
const notSent = /^error-(?:file-too-large|symlink-out-of-repository|yaml-bomb|yaml-bomb-nested)$/

/** Cases with another answer of a transformer than of a render. */
const transformed: Readonly<Record<string, string>> = {
  // The template is YAML only after the render, so that neither kustomize nor kpt reads it.
  'awkward-scalars': 'YAML_INVALID',
  'block-leaves-no-line': 'YAML_INVALID',
  environments: 'YAML_INVALID',
  'error-helm-include': 'YAML_INVALID',
  'error-helm-range': 'YAML_INVALID',
  'error-helm-release': 'YAML_INVALID',
  'error-missing-value': 'YAML_INVALID',
  'error-prototype-lookup': 'YAML_INVALID',
  'other-tools-braces': 'YAML_INVALID',
  'registered-model-shapes': 'YAML_INVALID',
  'short-commit-stays-text': 'YAML_INVALID',
  'types-are-kept': 'YAML_INVALID',
  // The name `no` is a string to kustomize and kpt.
  'error-norway': 'accepted',
  // It applies no patches.
  'error-patch-for-nothing': 'accepted',
  patches: 'accepted'
}

for (const golden of goldenCases.map(name => new GoldenCase(name))) {
  const isMissing =
    (golden.isKustomization && !hasKustomize && 'neither kustomize nor kubectl') ||
    (golden.isChart && !hasHelm && 'no helm')
  t.test(golden.name.replaceAll('-', ' '), { skip: isMissing }, async t => {
    const expected = expectedOf(golden)
    t.same(await underArgocd(golden), expected, 'Argo CD')
    // Server-side apply needs a name.
    const isNameless = typeof expected !== 'string' && golden.expected.includes('generateName:')
    t.same(await byFlux(golden), isNameless ? 'FLUX_GENERATE_NAME' : expected, 'Flux')
    const folder = await prepared(golden)
    t.same(await asFunction(golden, 'RenderGenerator', '', folder), expected, 'generator')
    if (golden.isChart || golden.isKustomization || notSent.test(golden.name)) return
    const items = itemsOf(folder)
    const answer = await asFunction(golden, 'RenderTransformer', items, folder)
    const other = transformed[golden.name]
    if (other === 'accepted') t.not(typeof answer, 'string', 'transformer')
    else t.same(answer, other ?? expected, 'transformer')
    if (typeof answer === 'string') return
    const [list] = readYaml(items, { file: 'items', schema: 'core' })
    const parsed = list?.value as readonly JsonObject[]
    t.same(await asFunction(golden, 'RenderTransformer', parsed, folder), answer, 'printed anew')
  })
}
