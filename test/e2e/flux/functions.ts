import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { digestOf } from '../../../bin/demo/repository.ts'
import { readYaml } from '../../../common/yaml/read.ts'
import { stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { kubectl } from '../rig/kubectl.ts'
import { installForeign } from '../rig/crds.ts'
import { foldersOf } from '../rig/manifest-folders.ts'
import type { Points } from '../rig/points.ts'
import { readyMade } from './bench.ts'
import type { Bench } from './bench.ts'

const run = promisify(execFile)
const build = path.join(import.meta.dirname, '../../../scripts/build.ts')

/** kustomize and kpt run the function, and the API server accepts the result. */
export async function proveFunctions(bench: Bench, points: Points): Promise<void> {
  await installForeign(bench.machine.controlPlane, ['flagger'])
  const { trustedKey } = bench.repository
  await bench.webhook.restart(['--policies', readyMade, '--keys', trustedKey])
  const host = await hostOf(bench)
  const head = bench.git('rev-parse', 'HEAD')
  const modelDigest = await digestOf(bench.repository.git.folder, 'models/sentiment')
  for (const environment of foldersOf('examples/mlops-repo/kustomize/overlays')) {
    await points.check(
      `kustomize build of overlay ${environment} is accepted by the API server`,
      async () => {
        const { stdout } = await host(bench.machine.peer('kustomize'), [
          ...['build', '--enable-alpha-plugins', '--enable-exec'],
          `kustomize/overlays/${environment}`
        ])
        assert.deepEqual(imagesIn(stdout), [
          `registry.example.com/ml/dashboard:${head}`,
          `registry.example.com/ml/sentiment:${modelDigest.replace('sha256:', '').slice(0, 12)}`
        ])
        await checkAccepted(bench, stdout)
      }
    )
  }
  await proveKpt(bench, points, host)
}

async function proveKpt(bench: Bench, points: Points, host: Host): Promise<void> {
  const names = [
    'kpt fn eval gives the package the objects that mlgitops render prints',
    'kpt fn render gives the same objects'
  ]
  const [evaluated = '', rendered = ''] = names
  if (spawnSync('kpt', ['version']).status !== 0) {
    for (const name of names) points.skip(name, 'kpt not found')
    return
  }
  const folder = path.join(bench.repository.git.folder, 'package')
  mkdirSync(folder)
  const write = (file: string, text: string) => {
    writeFileSync(path.join(folder, file), text)
  }
  const local = '{ config.kubernetes.io/local-config: "true" }'
  write(
    'churn.yaml',
    `apiVersion: mlgitops.io/v1alpha1\nkind: RenderGenerator\nmetadata: { name: churn, annotations: ${local} }\nspec: { path: models/churn-prediction, environment: staging }\n`
  )
  write(
    'Kptfile',
    'apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata: { name: package }\npipeline: { mutators: [{ exec: mlgitops-fn, configPath: churn.yaml }] }\n'
  )
  const ours = (await bench.repository.render('models/churn-prediction', 'staging')).map(nameOf)
  const inPackage = async () => {
    const { stdout } = await host('kpt', ['fn', 'source', 'package/churn', '-o', 'unwrap'])
    return readYaml(stdout, { file: 'package' }).map(({ value }) => nameOf(value as JsonObject))
  }
  await points.check(evaluated, async () => {
    const options = ['--exec', 'mlgitops-fn', '--fn-config', 'package/churn.yaml']
    await host('kpt', ['fn', 'eval', 'package', ...options])
    assert.deepEqual((await inPackage()).sort(), ours.sort())
  })
  await points.check(rendered, async () => {
    const refused = await host('kpt', ['fn', 'render', 'package']).catch((error: unknown) => error)
    assert.match(String((refused as { readonly stderr?: unknown }).stderr), /--allow-exec/)
    await host('kpt', ['fn', 'render', 'package', '--allow-exec'])
    assert.deepEqual((await inPackage()).sort(), ours.sort())
  })
}

type Host = (
  command: string,
  args: readonly string[]
) => Promise<{ readonly stdout: string; readonly stderr: string }>

/** Runs commands with the bundle on their path, under the function's name. */
async function hostOf(bench: Bench): Promise<Host> {
  const { machine, repository } = bench
  const tools = path.join(machine.folder, 'tools')
  await run(process.execPath, [build, tools])
  symlinkSync(path.join(tools, 'mlgitops.js'), path.join(tools, 'mlgitops-fn'))
  const folders = [tools, path.dirname(process.execPath), process.env.PATH]
  const env = {
    HOME: machine.folder,
    PATH: folders.join(path.delimiter),
    MLGITOPS_SIGNING_KEY_FILE: repository.signingKey
  }
  return (command, args) => run(command, [...args], { cwd: repository.git.folder, env })
}

function imagesIn(text: string): readonly string[] {
  const images = Array.from(text.matchAll(/^ *-? image: (\S+)$/gm), ([, image = '']) => image)
  return [...new Set(images)].sort()
}

function nameOf(object: JsonObject): string {
  return `${stringMember(object, 'kind') ?? ''}/${stringMember(object.metadata, 'name') ?? ''}`
}

async function checkAccepted(bench: Bench, text: string): Promise<void> {
  const apply = ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-']
  const seen = await kubectl(bench.machine.controlPlane, apply, text)
  assert.deepEqual([seen.stderr, seen.code], ['', 0])
}
