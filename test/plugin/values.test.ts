import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import t from 'tap'
import { member } from '../../common/json.ts'
import { digest } from './digested.ts'
import { configMap, objects, render, TestRepository } from './repository.ts'

t.test(
  'values of nearer and later sources override others: files, environments, --values, --set',
  async t => {
    const repository = new TestRepository({
      'values.yaml': 'a: root\nb: root\nnested: {x: 1, gone: 2}\n',
      'configs/base.yaml': 'b: base\n',
      'configs/staging.yaml': 'c: staging\n',
      'app/values.yaml': 'a: app\n',
      'app/configs/base.yaml': 'nested: {gone: null}\n',
      'app/configs/production.yaml': 'c: 1\n',
      'app/x.yaml': configMap(
        'v: "{{ .Values.a }} {{ .Values.b }} {{ .Values.c }} {{ toJson .Values.nested }} {{ toJson .Values.n }}"'
      )
    })
    t.teardown(() => {
      repository.remove()
    })
    const value = async (...args: string[]) => {
      const { stdout, stderr } = await render(repository.folder, 'app', ...args)
      return member(member(objects(stdout)[0], 'data'), 'v') ?? stderr.split('\n')[0]
    }
    t.equal(await value('--environment', 'staging', '--set', 'n=1'), 'app base staging {"x":1} 1')
    t.equal(
      await value('--environment', 'production', '--set', 'n=1.10', '--set', 'nested.x=true'),
      'app base 1 {"x":true} "1.10"'
    )
    writeFileSync(path.join(repository.folder, '../over.yaml'), 'c: over\nn: [1]\n')
    t.teardown(() => {
      rmSync(path.join(repository.folder, '../over.yaml'))
    })
    t.equal(
      await value('--environment', 'staging', '--values', '../over.yaml'),
      'app base over {"x":1} [1]'
    )
    t.equal(
      await value('--environment', 'nope'),
      'mlgitops: unknown environment "nope" [ENVIRONMENT_UNKNOWN]'
    )
    t.equal(
      await value('--set', 'a.b=1'),
      'mlgitops: --set: "a" is not an object [VALUES_CONFLICT]'
    )
    for (const wrong of ['x', '=secret']) {
      t.equal(
        await value('--set', wrong),
        'mlgitops render: --set needs a name and a value, such as --set image.tag=v1'
      )
    }
    t.equal(
      await value('--set', '__proto__.x=1'),
      'mlgitops: --set: "__proto__.x" is not a value path [VALUES_KEY]'
    )
  }
)

t.test('applies patches and path patterns of mlgitops.yaml', async t => {
  const repository = new TestRepository({
    'a/mlgitops.yaml': `apiVersion: mlgitops.io/v1alpha1
kind: Project
templates: {include: ["**/*.yaml"], exclude: ["skip/*"], verbatim: ["flows/*"]}
stamp: {podTemplates: true}
environments:
  big:
    patches:
      - target: {kind: Deployment, name: d}
        json: [{op: replace, path: /spec/replicas, value: 9}]
patches:
  - target: {group: apps, labels: {app: d}}
    strategic:
      spec:
        template:
          spec:
            containers:
              - {name: side, image: s}
              - {name: c, env: [{name: B, value: "2"}, {name: A, $patch: delete}]}
            nodeSelector: {$patch: replace, z: "1"}
    merge: {spec: {paused: true, minReadySeconds: null}}
`,
    'a/deep/d.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, labels: {app: d}}\nspec:\n  replicas: 1\n  minReadySeconds: 3\n  template:\n    spec:\n      nodeSelector: {y: "2"}\n      containers:\n        - {name: c, image: i, env: [{name: A, value: "1"}]}\n',
    'a/skip/x.yaml': '{{ bad',
    'a/flows/w.yaml': configMap('v: "{{workflow.name}} ${GIT_COMMIT}"')
  })
  t.teardown(() => {
    repository.remove()
  })
  const commit = repository.git('rev-parse', 'HEAD')
  const [deployment, flow] = objects(
    (await render(repository.folder, 'a', '--environment', 'big')).stdout
  )
  const stamps = {
    'mlgitops.io/git-commit': commit,
    'mlgitops.io/model-commit': commit,
    'mlgitops.io/model-digest': await digest(repository.folder, 'a')
  }
  t.same(member(deployment, 'spec'), {
    replicas: 9,
    template: {
      spec: {
        nodeSelector: { z: '1' },
        containers: [
          { name: 'side', image: 's' },
          { name: 'c', image: 'i', env: [{ name: 'B', value: '2' }] }
        ]
      },
      metadata: { annotations: stamps }
    },
    paused: true
  })
  t.same(member(flow, 'data'), { v: '{{workflow.name}} ${GIT_COMMIT}' })
})

t.test('a schema with many patterns, or one that backtracks, validates quickly', async t => {
  const schema = (draft: string) =>
    JSON.stringify({
      $schema: draft,
      properties: {
        name: { type: 'string', pattern: '^[a-z]+$' },
        version: { type: 'string', pattern: '^[0-9]+$' },
        evil: { type: 'string', pattern: '^(a+)+$' }
      }
    })
  const drafts = [
    'http://json-schema.org/draft-07/schema#',
    'https://json-schema.org/draft/2019-09/schema',
    'https://json-schema.org/draft/2020-12/schema'
  ]
  for (const draft of drafts) {
    const repository = new TestRepository({
      'values.yaml': `name: abc\nversion: "12"\nevil: ${'a'.repeat(5000)}b\n`,
      'values.schema.json': schema(draft),
      'x.yaml': configMap('v: 1')
    })
    t.equal(
      (await render(repository.folder, '.')).stderr,
      'mlgitops: values.schema.json: the values do not match the schema [VALUES_INVALID]\n  found:    .Values.evil must match pattern "^(a+)+$"\n'
    )
    repository.remove()
  }
})
