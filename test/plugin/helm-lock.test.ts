import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ChartRepository } from './chart-repository.ts'
import { chart, dataOf, template, withHelm } from './chart-repository.ts'
import { configMap, render } from './repository.ts'

const dependencies =
  'dependencies:\n  - name: lib\n    version: 1.0.0\n    repository: file://../lib\n'

/** Written as Helm's resolver does: Go's JSON of the wanted and the locked dependencies. */
function lockFile(): string {
  const dependency = { name: 'lib', version: '1.0.0', repository: 'file://../lib' }
  const digest = createHash('sha256').update(JSON.stringify([[dependency], [dependency]]))
  return `${dependencies}digest: sha256:${digest.digest('hex')}\ngenerated: "2026-11-30T12:00:00Z"\n`
}

const locked = {
  'app/Chart.yaml': chart + dependencies,
  'app/Chart.lock': lockFile(),
  'app/charts/lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 1.0.0\ntype: library\n',
  'app/charts/lib/templates/_x.tpl': '{{- define "lib.v" }}from the library{{ end -}}',
  'app/templates/map.yaml': template('v: {{ include "lib.v" . }}')
}

withHelm('a library chart in charts/, with its lock file', locked, async (t, repository) => {
  const { stdout } = await render(repository.folder, 'app')
  t.same(dataOf(stdout), [{ v: 'from the library' }])
})

withHelm(
  'the output of helm dependency update: a packed chart and a lock file',
  {
    'app/Chart.yaml': `${chart}dependencies:
  - name: lib
    version: ">=0.9.0 <2.0.0"
    repository: file://../lib
    alias: shared
    condition: shared.enabled
    tags: [a&b, c]
    import-values: [defaults, {parent: z, child: a}]
`,
    'lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 1.0.0\n',
    'lib/values.yaml': 'exports: {defaults: {x: 1}}\na: {y: 2}\n',
    'lib/templates/map.yaml': configMap('v: {{ .Chart.Name }}', 'packed'),
    'app/templates/map.yaml': template('v: x')
  },
  async (t, repository) => {
    repository.helm('dependency', 'update', 'app')
    repository.commit()
    const { stdout, stderr } = await render(repository.folder, 'app')
    t.match(stderr, /^mlgitops: not attested/)
    t.same(dataOf(stdout), [{ v: 'shared' }, { v: 'x' }])
  }
)

withHelm('refused: a lock file of other dependencies', locked, async (t, repository) => {
  const changed = dependencies.replace('1.0.0', '^1.0.0')
  repository.write({ 'app/Chart.yaml': chart + changed })
  repository.commit()
  const { stderr } = await render(repository.folder, 'app')
  t.equal(
    stderr,
    `mlgitops: app/Chart.lock: the lock file does not match the dependencies of the chart [CHART_LOCK]
  remedy:   Run helm dependency update, and commit the lock file and charts/.
`
  )
})

withHelm(
  'refused: another version in charts/ than the lock names',
  locked,
  async (t, repository) => {
    repository.write({ 'app/charts/lib/Chart.yaml': 'apiVersion: v2\nname: lib\nversion: 2.0.0\n' })
    repository.commit()
    const { stderr } = await render(repository.folder, 'app')
    t.equal(
      stderr,
      `mlgitops: app/Chart.lock: charts/ does not contain lib 1.0.0 [CHART_LOCK]
  found:    2.0.0
  remedy:   Run helm dependency update, and commit the lock file and charts/.
`
    )
  }
)

/** The locked chart with archives in charts/ in place of the folder. */
const unpacked = Object.fromEntries(
  Object.entries(locked).filter(([file]) => !file.startsWith('app/charts/'))
)
const library = (version: string) => ({
  'lib/Chart.yaml': `apiVersion: v2\nname: lib\nversion: ${version}\ntype: library\n`,
  'lib/templates/_x.tpl': '{{- define "lib.v" }}from an archive{{ end -}}'
})

/** Packs a library chart into charts/ under a file name. */
function pack(repository: ChartRepository, version: string, file: string): void {
  repository.write({ 'app/charts/.keep': '', ...library(version) })
  const at = `app/charts/${file}`
  execFileSync('tar', ['-czf', at, 'lib'], { cwd: repository.folder })
  rmSync(path.join(repository.folder, 'lib'), { recursive: true })
  repository.commit()
}

withHelm('a packed chart is the one that its Chart.yaml names', unpacked, async (t, repository) => {
  pack(repository, '1.0.0', 'another-name.tgz')
  const { stdout } = await render(repository.folder, 'app')
  t.same(dataOf(stdout), [{ v: 'from an archive' }])
  pack(repository, '2.0.0', 'lib-1.0.0.tgz')
  const twice = await render(repository.folder, 'app')
  t.equal(
    twice.stderr,
    `mlgitops: app/charts/lib-1.0.0.tgz: charts/ contains a version that the lock file does not name [CHART_LOCK]
  found:    lib 2.0.0
  remedy:   Run helm dependency update, and commit the lock file and charts/.
`
  )
  rmSync(path.join(repository.folder, 'app/charts/another-name.tgz'))
  repository.commit()
  const { stdout: none, stderr } = await render(repository.folder, 'app')
  t.equal(none, '')
  t.equal(
    stderr,
    `mlgitops: app/Chart.lock: charts/ does not contain lib 1.0.0 [CHART_LOCK]
  found:    2.0.0
  remedy:   Run helm dependency update, and commit the lock file and charts/.
`
  )
})

const remedy = '  remedy:   Run helm dependency update, and commit charts/.\n'
const zeros = gzipSync(Buffer.alloc(65 * 1024 * 1024))

for (const [name, archive, found] of [
  ['not an archive', Buffer.from('no'), 'Z_DATA_ERROR'],
  ['a damaged header', gzipSync(Buffer.alloc(1024, 'x')), 'a header of the archive is damaged'],
  ['a bomb', zeros, 'more than 67108864 bytes']
] as const) {
  withHelm(`refused: a packed chart that is ${name}`, unpacked, async (t, repository) => {
    repository.write({ 'app/charts/.keep': '' })
    writeFileSync(path.join(repository.folder, 'app/charts/lib-1.0.0.tgz'), archive)
    repository.commit()
    const { stderr } = await render(repository.folder, 'app')
    t.equal(
      stderr,
      `mlgitops: app/charts/lib-1.0.0.tgz: the packed chart cannot be read [CHART_INVALID]
  found:    ${found}
${remedy}`
    )
  })
}
