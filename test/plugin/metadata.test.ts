import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import t from 'tap'
import { member } from '../../common/json.ts'
import { objects, render } from './repository.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'mlgitops-metadata-'))
t.teardown(() => {
  rmSync(folder, { recursive: true, force: true })
})
const revision = 'f'.repeat(40)

async function renderFiles(files: Readonly<Record<string, string>>, commit = revision) {
  const app = mkdtempSync(path.join(folder, 'app-'))
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(app, file)), { recursive: true })
    writeFileSync(path.join(app, file), content)
  }
  return render(app, '.', '--revision', commit)
}

const map = (metadata: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  ${metadata}\n`
const named = (metadata: string) => map(`name: x\n  ${metadata}`)
const workload = (kind: string, spec: string) =>
  `apiVersion: example.com/v1\nkind: ${kind}\nmetadata:\n  name: x\nspec:\n  ${spec}\n`

const wrong: Readonly<Record<string, readonly [string, string]>> = {
  'an annotation that is a number': [
    named('annotations:\n    argocd.argoproj.io/sync-wave: 5'),
    'x.yaml:6:5: metadata.annotations["argocd.argoproj.io/sync-wave"] must be a string [OBJECT_INVALID]\n  found:    a number, in ConfigMap x\n  remedy:   Put the value in quotes; an expression too: "{{ .Values.x }}".'
  ],
  'an annotation from an expression': [
    named('annotations: {wave: "{{ .Values.wave }}", other: {{ .Values.wave }}}'),
    'x.yaml:5:45: metadata.annotations.other must be a string'
  ],
  'annotations that are a list': [
    named('annotations: [a]'),
    'x.yaml:5:3: metadata.annotations must be an object of strings [OBJECT_INVALID]\n  found:    a list, in ConfigMap x'
  ],
  'annotations that are text': [
    named('annotations: "x"'),
    'x.yaml:5:3: metadata.annotations must be an object of strings'
  ],
  'a label without a value': [
    named('labels:\n    a: b\n    gpu:'),
    'x.yaml:7:5: metadata.labels.gpu must be a string [OBJECT_INVALID]\n  found:    null'
  ],
  'a label that is a boolean': [
    named('labels: {gpu: yes}'),
    'x.yaml:5:12: metadata.labels.gpu must be a string [OBJECT_INVALID]\n  found:    a boolean'
  ],
  'a label that is an object': [
    named('labels: {"1": {}}'),
    'x.yaml:5:13: metadata.labels["1"] must be a string'
  ],
  'labels that are a number': [named('labels: 1'), 'x.yaml:5:3: metadata.labels must be an object'],
  'a name that is a number': [
    map('name: 7\n  generateName: x-'),
    'x.yaml:4:3: metadata.name must be a string'
  ],
  'a name that is a boolean': [map('name: on'), 'x.yaml:1:1: not a Kubernetes object'],
  'a prefix that is a number': [
    named('generateName: 7'),
    'x.yaml:5:3: metadata.generateName must be a string'
  ],
  'a namespace that is a float': [
    named('namespace: 1e3'),
    'x.yaml:5:3: metadata.namespace must be a string'
  ],
  'the namespace of a subject': [
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: x}\nsubjects: [{kind: User, name: a, namespace: 0777}]\n',
    'x.yaml:4:34: subjects[0].namespace must be a string [OBJECT_INVALID]\n  found:    a number, in '
  ],
  'a selector of labels': [
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {selector: {matchLabels: {a: yes}}}\n',
    'x.yaml:4:33: spec.selector.matchLabels.a must be a string'
  ],
  'the selector of a Service': [
    'apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {selector: {version: 1.10}}\n',
    'x.yaml:4:19: spec.selector.version must be a string [OBJECT_INVALID]\n  found:    a number, in '
  ],
  'a finalizer that is a number': [
    named('finalizers: [a/b, 7]'),
    'x.yaml:5:21: metadata.finalizers[1] must be a string [OBJECT_INVALID]\n  found:    a number, in '
  ],
  'finalizers that are text': [
    named('finalizers: a/b'),
    'x.yaml:5:3: metadata.finalizers must be a list of strings [OBJECT_INVALID]\n  found:    a string, in '
  ],
  'an owner': [
    named('ownerReferences: [{kind: Job, name: 5}]'),
    'x.yaml:5:33: metadata.ownerReferences[0].name must be a string'
  ],
  'an item of a List': [
    `apiVersion: v1\nkind: List\nitems:\n${named('labels: {a: 1}').replace(/^/gm, '  ').replace('  ', '- ')}`,
    'x.yaml:8:14: metadata.labels.a must be a string'
  ],
  'the second document': [
    `${named('labels: {a: b}')}---\n${named('labels: {a: 1}').replace('name: x', 'name: z')}`,
    'x.yaml:11:12: metadata.labels.a must be a string [OBJECT_INVALID]\n  found:    a number, in ConfigMap z'
  ],
  'a merged label': [
    `${named('labels: {<<: *l}')}data: {}\n`.replace('metadata:', 'x: &l {a: 1}\nmetadata:'),
    'x.yaml:6:3: metadata.labels.a must be a string'
  ],
  'a pod template': [
    workload('Deployment', 'template:\n    metadata:\n      annotations: {prometheus.io/port: 80}'),
    'x.yaml:8:21: spec.template.metadata.annotations["prometheus.io/port"] must be a string [OBJECT_INVALID]\n  found:    a number, in example.com/Deployment x'
  ],
  'a pod template whose metadata is text': [
    workload('Deployment', 'template: {metadata: x, spec: {}}'),
    'x.yaml:6:14: spec.template.metadata must be an object'
  ],
  'a job template and its pods': [
    workload('CronJob', 'jobTemplate: {spec: {template: {metadata: {labels: {a: 1}}}}}'),
    'x.yaml:6:55: spec.jobTemplate.spec.template.metadata.labels.a must be a string'
  ],
  'a volume claim template': [
    workload('StatefulSet', 'volumeClaimTemplates: [{metadata: {name: 1}}]'),
    'x.yaml:6:38: spec.volumeClaimTemplates[0].metadata.name must be a string'
  ],
  'a generic ephemeral volume': [
    workload('Pod', 'volumes: [{ephemeral: {volumeClaimTemplate: {metadata: {labels: {a: 1}}}}}]'),
    'x.yaml:6:68: spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.labels.a must be a string'
  ],
  'a template of Argo Workflows': [
    workload('Workflow', 'templates: [{name: a, metadata: {annotations: {a: 1}}}]'),
    'x.yaml:6:50: spec.templates[0].metadata.annotations.a must be a string'
  ],
  "a rollout's pods": [
    workload('Rollout', 'strategy: {canary: {canaryMetadata: {labels: {a: 1}}}}'),
    'x.yaml:6:49: spec.strategy.canary.canaryMetadata.labels.a must be a string'
  ],
  'an object in another one': [
    workload('Any', 'object: {apiVersion: v1, kind: Pod, metadata: {labels: {a: 1}}}'),
    'x.yaml:6:59: spec.object.metadata.labels.a must be a string'
  ]
}

for (const [name, [text, message]] of Object.entries(wrong)) {
  t.test(`refused: ${name}`, async t => {
    const { stdout, stderr, exitCode } = await renderFiles({
      'x.yaml': text,
      'values.yaml': 'wave: 5\n'
    })
    t.equal(stderr.slice(0, message.length + 10), `mlgitops: ${message}`)
    t.equal(stdout, '')
    t.equal(exitCode, 1)
  })
}

t.test('refused: what a patch adds', async t => {
  const patches = {
    strategic: '{ metadata: { annotations: { a: 5 } } }',
    merge: '{ metadata: { labels: { a: true } } }',
    json: '[{ op: add, path: /metadata/namespace, value: 5 }]'
  }
  for (const [kind, patch] of Object.entries(patches)) {
    const { stdout, stderr } = await renderFiles({
      'x.yaml': named('labels: {b: c}'),
      'mlgitops.yaml': `apiVersion: mlgitops.io/v1alpha1\nkind: Project\npatches:\n  - target: { kind: ConfigMap }\n    ${kind}: ${patch}\n`
    })
    t.match(
      stderr,
      /^mlgitops: x\.yaml:(?:3:1|5:3): metadata\.\S+ must be a string \[OBJECT_INVALID\]/
    )
    t.equal(stdout, '')
  }
})

t.test('metadata of other shapes is kept', async t => {
  const { stdout, stderr } = await renderFiles({
    'x.yaml': `${named('labels:\n  annotations: {a: "5", b: "true", c: ""}')}data: {metadata: "1"}\n`,
    'zd.yaml':
      named('labels: {}').replace('name: x', 'name: d') + 'data: {name: 5, v: {name: 5}}\n',
    'zh.yaml': workload('Values', 'values: {nodeSelector: {a: true}, name: 5}').replace(
      'name: x',
      'name: h'
    ),
    'y.yaml': workload('Any', 'metadata: {labels: [a]}\n  processors: [{metadata: {name: 5}}]'),
    'z.yaml':
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: z}\nspec: {versions: [{schema: {openAPIV3Schema: {properties: {spec: {}, metadata: {labels: 1}}}}}]}\n'
  })
  t.match(stderr, /not attested/)
  const [first] = objects(stdout)
  t.match(member(member(first, 'metadata'), 'annotations'), { a: '5', b: 'true', c: '' })
})

const hasKustomize = ['kustomize', 'kubectl'].some(
  command => spawnSync(command, ['version', '--client']).error === undefined
)
const kustomized = {
  'source.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: source\ndata:\n  short: ${GIT_COMMIT_SHORT}\n  eight: ${GIT_COMMIT_SHORT_8}\n  model: "{{ .Values.gitCommitShort }}"\n  port: "80"\n',
  'target.yaml': named('labels: {a: b}').replace('name: x', 'name: target'),
  'kustomization.yaml': [
    'resources: [source.yaml, target.yaml]',
    'replacements:',
    ...['short', 'eight', 'model'].flatMap(name => [
      `  - source: {kind: ConfigMap, name: source, fieldPath: data.${name}}`,
      '    targets:',
      '      - select: {kind: ConfigMap, name: target}',
      `        fieldPaths: [metadata.labels.${name}, "metadata.annotations.${name}", data.${name}]`,
      '        options: {create: true}'
    ]),
    ''
  ].join('\n')
}

t.test(
  'a commit in digits that kustomize writes without quotes',
  { skip: !hasKustomize },
  async t => {
    for (const start of [
      '1234567',
      '0123456',
      '81111e1',
      '12345678',
      '0777777',
      '1234e567',
      '0812345'
    ]) {
      const commit = start.padEnd(40, '1')
      const { stdout, stderr } = await renderFiles(kustomized, commit)
      const target = objects(stdout).find(
        object => member(member(object, 'metadata'), 'name') === 'target'
      )
      const [short, eight] = [commit.slice(0, 7), commit.slice(0, 8)]
      const texts = { short, eight, model: short }
      t.match(
        member(target, 'metadata'),
        { labels: { a: 'b', ...texts }, annotations: texts },
        stderr
      )
      t.same(member(target, 'data'), texts)
    }
  }
)

t.test(
  'a commit that kustomize shortens to a small number is an error',
  { skip: !hasKustomize },
  async t => {
    for (const start of ['0000123', '0000000', '0e12345', '1e00000']) {
      const { stdout, stderr } = await renderFiles(kustomized, start.padEnd(40, 'a'))
      t.equal(stdout, '', start)
      t.match(
        stderr,
        /^mlgitops: kustomization\.yaml: kustomize made a number of a string, perhaps of a commit \[OBJECT_INVALID\]\n {2}found: +a number in the field "(?:short|model)"\n/
      )
    }
  }
)

t.test('a commit that kustomize writes into another field', { skip: !hasKustomize }, async t => {
  const source = kustomized['source.yaml'].replace('short: ${', 'whole: ${GIT_COMMIT}\n  short: ${')
  const kustomization = kustomized['kustomization.yaml']
    .replace('data.short}', 'data.whole}')
    .replace('data.short]', 'spec.revision, spec.list.0]')
  for (const commit of ['1234567890'.repeat(4), '0777777'.padEnd(40, '7')]) {
    const files = { ...kustomized, 'source.yaml': source, 'kustomization.yaml': kustomization }
    const { stdout, stderr } = await renderFiles(
      { ...files, 'target.yaml': `${kustomized['target.yaml']}spec: {port: 80, list: [a]}\n` },
      commit
    )
    const target = objects(stdout).find(
      object => member(member(object, 'metadata'), 'name') === 'target'
    )
    t.same(member(target, 'spec'), { port: 80, list: [commit], revision: commit }, stderr)
    t.equal(member(member(member(target, 'metadata'), 'labels'), 'short'), commit)
  }
})

t.test('another number that kustomize writes without quotes', { skip: !hasKustomize }, async t => {
  const kustomization = kustomized['kustomization.yaml'].replaceAll('data.short', 'data.port')
  const { stdout, stderr } = await renderFiles({
    ...kustomized,
    'kustomization.yaml': kustomization
  })
  t.match(
    stderr,
    /^mlgitops: kustomization\.yaml: metadata\.(?:labels|annotations)\.short must be a string \[OBJECT_INVALID\]\n  found: +a number, in ConfigMap target/
  )
  t.equal(stdout, '')
})
