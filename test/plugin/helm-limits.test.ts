import { execFileSync } from 'node:child_process'
import { rmSync, symlinkSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import type { Test } from 'tap'
import { chart, dataOf, template, withHelm } from './chart-repository.ts'
import type { ChartRepository } from './chart-repository.ts'
import { configMap, render } from './repository.ts'

/** What a hostile chart cannot reach. */
const base = { 'app/Chart.yaml': chart, 'app/templates/map.yaml': template('v: x') }
const sub = (name: string) => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`

/** A server that counts its requests. */
async function startServer(t: Test): Promise<{ readonly url: string; readonly seen: string[] }> {
  const seen: string[] = []
  const server = http.createServer((request, response) => {
    seen.push(request.url ?? '')
    response.end('{}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.json`, seen }
}

/** Packs folders of the repository into archives, and removes them. */
function pack(repository: ChartRepository, ...folders: readonly string[]): void {
  for (const folder of folders) {
    const [cwd, name] = [path.dirname(folder), path.basename(folder)]
    execFileSync('tar', ['-czf', `${name}.tgz`, name], { cwd: path.join(repository.folder, cwd) })
    rmSync(path.join(repository.folder, folder), { recursive: true })
  }
  repository.commit()
}

const schemas: readonly (readonly [string, string, (url: string) => object])[] = [
  ['a $ref', 'app', url => ({ $ref: url })],
  ['a $ref below', 'app', url => ({ properties: { a: { allOf: [{ $ref: url }] } } })],
  ['a $dynamicRef', 'app', url => ({ $dynamicRef: url })],
  ['a $recursiveRef', 'app', url => ({ properties: { a: { $recursiveRef: url } } })],
  ['a $schema', 'app', url => ({ $schema: url })],
  ['a $ref of its own $id', 'app', url => ({ $id: url, $ref: url })],
  ['a sub-chart', 'app/charts/lib', url => ({ $ref: url })]
]

for (const [name, folder, schemaOf] of schemas) {
  withHelm(
    `refused: a schema that names a URL: ${name}`,
    { ...base, 'app/charts/lib/Chart.yaml': sub('lib') },
    async (t, repository) => {
      const { url, seen } = await startServer(t)
      const file = `${folder}/values.schema.json`
      repository.write({ [file]: JSON.stringify(schemaOf(url)) })
      repository.commit()
      const { stdout, stderr, exitCode } = await render(repository.folder, 'app')
      t.match(stderr, `mlgitops: ${file}: the schema refers to another file [CHART_SCHEMA]\n`)
      t.match(stderr, url)
      t.same([stdout, exitCode, seen], ['', 1, []])
    }
  )
}

withHelm(
  'refused: the schema of a packed chart in a packed chart that names a URL',
  {
    ...base,
    'app/charts/a/Chart.yaml': sub('a'),
    'app/charts/a/charts/b/Chart.yaml': sub('b'),
    'app/charts/a/charts/b/values.schema.json': '{"$ref": "file:///etc/hostname"}'
  },
  async (t, repository) => {
    pack(repository, 'app/charts/a/charts/b', 'app/charts/a')
    const { stderr } = await render(repository.folder, 'app')
    t.equal(
      stderr,
      `mlgitops: app/charts/a.tgz: charts/b.tgz: values.schema.json: the schema refers to another file [CHART_SCHEMA]
  found:    $ref: "file:///etc/hostname"
  expected: a reference that starts with #
  remedy:   Copy what it refers to into the schema: a render reads no other file and no URL.
`
    )
  }
)

withHelm(
  'a schema that refers to itself',
  {
    ...base,
    'app/values.yaml': 'a: 1\n',
    'app/values.schema.json':
      '{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"n": {"type": "integer"}}, "properties": {"a": {"$ref": "#/definitions/n"}}}'
  },
  async (t, repository) => {
    t.same(dataOf((await render(repository.folder, 'app')).stdout), [{ v: 'x' }])
    const { stderr } = await render(repository.folder, 'app', '--set', 'a=x')
    t.match(stderr, "- at '/a': got string, want integer")
  }
)

withHelm(
  'a chart cannot read other files, the cluster or the environment',
  {
    ...base,
    'secret.txt': 'secret',
    'app/own.txt': 'own',
    'app/values.yaml':
      't: "{{ .Values.mlgitops.environment | quote }} {{ .Files.Get \\"../secret.txt\\" }}"\n',
    'app/templates/map.yaml': template(
      `v: {{ printf "%s|%s|%s" (.Files.Get "own.txt") (.Files.Get "../secret.txt") (.Files.Get "/etc/hostname") | quote }}
  lookup: {{ lookup "v1" "Secret" "" "" | toJson | quote }}
  dns: {{ getHostByName "localhost" | quote }}
  tpl: {{ tpl .Values.t . | quote }}`
    )
  },
  async (t, repository) => {
    const { stdout } = await render(repository.folder, 'app')
    t.same(dataOf(stdout), [{ v: 'own||', lookup: '{}', dns: '', tpl: ' ' }])
  }
)

withHelm('refused: a file of the chart that is a link out of it', base, async (t, repository) => {
  symlinkSync('/etc/hostname', path.join(repository.folder, 'app/own.txt'))
  repository.commit()
  const { stderr } = await render(repository.folder, 'app')
  t.match(
    stderr,
    /^mlgitops: app\/own\.txt: the link points outside the repository \[PATH_OUTSIDE\]/
  )
})

withHelm(
  'refused: more output than the limit',
  {
    ...base,
    'app/templates/map.yaml': `${configMap('v: x')}{{ range until 66 }}\n# {{ repeat 1048576 "x" }}{{ end }}\n`
  },
  async (t, repository) => {
    const { stderr } = await render(repository.folder, 'app')
    t.equal(
      stderr,
      `mlgitops: helm was stopped [HELM_LIMIT]
  found:    more than 67108864 bytes of output
  remedy:   Split the chart, and check its templates for an endless loop.
`
    )
  }
)

withHelm(
  'refused: a template that includes itself',
  {
    ...base,
    'app/templates/map.yaml': '{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}'
  },
  async (t, repository) => {
    const { stderr } = await render(repository.folder, 'app')
    t.match(stderr, /^mlgitops: app\/templates\/map\.yaml:1:29: helm refused the chart/)
    t.ok(stderr.length < 4_100, 'one bounded message')
  }
)
