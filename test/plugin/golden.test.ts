import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { stringifyJson } from '../../common/json.ts'
import { describeIdentity, identify } from '../../evidence/identity.ts'
import { GoldenCase, goldenCases, repoUrl, revision } from './golden-case.ts'
import { objects } from './repository.ts'

/** `UPDATE_GOLDEN=1` writes missing outputs. */
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0
const hasHelm = spawnSync('helm', ['version']).status === 0
const hasKustomize = hasKubectl || spawnSync('kustomize', ['version']).status === 0

for (const golden of goldenCases.map(name => new GoldenCase(name))) {
  const { name, isError, file } = golden
  const skip =
    name.startsWith('kustomize-') && !hasKustomize
      ? 'neither kustomize nor kubectl'
      : golden.isChart && !hasHelm && 'no helm'
  t.test(name.replaceAll('-', ' '), { skip }, async t => {
    const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-golden-'))
    t.teardown(() => {
      rmSync(folder, { recursive: true })
    })
    await golden.prepare(folder)
    const known = ['--revision', revision, '--repo-url', repoUrl]
    const args = ['render', ...golden.args, ...known]
    const { stdout, stderr, exitCode } = await run({ args, env: {}, folder })
    const printed = isError ? stderr : stdout
    if (!existsSync(file) && process.env.UPDATE_GOLDEN === '1') writeFileSync(file, printed)
    t.equal(printed, golden.expected)
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
