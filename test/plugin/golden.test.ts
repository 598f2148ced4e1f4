import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { stringifyJson } from '../../common/json.ts'
import { describeIdentity, identify } from '../../evidence/identity.ts'
import { objects } from './repository.ts'

/**
 * One folder per case: `in/` is the repository, `setup.ts` creates files that cannot be committed,
 * `args.txt` has the arguments of `mlgitops render`, one per line, and `expected.yaml` or
 * `expected-error.txt` its output. `UPDATE_GOLDEN=1` writes missing outputs.
 */
const cases = path.resolve('test/golden')
const revision = '12e4567'.padEnd(40, '0')
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const hasHelm = spawnSync('helm', ['version']).status === 0
const hasKustomize = hasKubectl || spawnSync('kustomize', ['version']).status === 0

for (const name of readdirSync(cases)) {
  const skip =
    name.startsWith('kustomize-') && !hasKustomize
      ? 'neither kustomize nor kubectl'
      : existsSync(path.join(cases, name, 'in/app/Chart.yaml')) && !hasHelm && 'no helm'
  t.test(name.replaceAll('-', ' '), { skip }, async t => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-golden-'))
    t.teardown(() => {
      rmSync(folder, { recursive: true })
    })
    await prepare(path.join(cases, name), folder)
    const { stdout, stderr, exitCode } = await renderCase(name, folder)
    const isError = name.startsWith('error-')
    const file = path.join(cases, name, isError ? 'expected-error.txt' : 'expected.yaml')
    const printed = isError ? stderr : stdout
    if (!existsSync(file) && process.env.UPDATE_GOLDEN === '1') writeFileSync(file, printed)
    t.equal(printed, readFileSync(file, 'utf8'))
    t.equal(exitCode, isError ? 1 : 0)
    if (isError) {
      t.equal(stdout, '', 'all or nothing')
      t.notMatch(stderr, folder, 'no absolute path')
      t.ok(stderr.length < 4_100, 'one bounded message')
    } else if (hasKubectl) {
      t.same(kustomized(folder, stdout), namedObjects(stdout), 'kustomize reads the same')
    } else t.comment('SKIPPED, 1 assertion: no kubectl to read the output back')
  })
}

async function prepare(from: string, folder: string): Promise<void> {
  if (existsSync(path.join(from, 'in'))) cpSync(path.join(from, 'in'), folder, { recursive: true })
  mkdirSync(path.join(folder, 'app'), { recursive: true })
  const setup = path.join(from, 'setup.ts')
  if (!existsSync(setup)) return
  const module = (await import(pathToFileURL(setup).href)) as { setup(folder: string): void }
  module.setup(folder)
}

function renderCase(name: string, folder: string) {
  const given = readFileSync(path.join(cases, name, 'args.txt'), 'utf8')
    .trim()
    .split('\n')
  const known = ['--revision', revision, '--repo-url', 'https://git.example.com/x']
  return run({ args: ['render', ...given, ...known], env: {}, folder })
}

/** Objects by identity; kustomize needs a name. */
function namedObjects(text: string): ReadonlyMap<string, string> {
  return new Map(
    objects(text)
      .filter(object => identify(object).name !== '')
      .map(object => [
        describeIdentity(identify(object)),
        stringifyJson(object, { sortKeys: true, indent: 2 })
      ])
  )
}

function kustomized(folder: string, text: string): ReadonlyMap<string, string> {
  const named = objects(text).filter(object => identify(object).name !== '')
  const into = mkdtempSync(path.join(folder, 'read-back-'))
  const printed = text.split(/^---\n/m).filter(document => /^  name:/m.test(document))
  if (printed.length !== named.length) throw new Error('a document was not found')
  writeFileSync(path.join(into, 'all.yaml'), printed.join('---\n'))
  writeFileSync(path.join(into, 'kustomization.yaml'), 'resources: [all.yaml]\n')
  return namedObjects(execFileSync('kubectl', ['kustomize', into], { encoding: 'utf8' }))
}
