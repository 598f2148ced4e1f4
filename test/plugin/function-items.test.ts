import path from 'node:path'
import t from 'tap'
import type { JsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { functionCommand } from '../../plugin/function/function-command.ts'
import { digest } from './digested.ts'
import { configMap, TestRepository } from './repository.ts'

const repository = new TestRepository({
  'a/x.yaml': configMap('v: 1'),
  'overlay/kustomization.yaml': ''
})
const commit = repository.git('rev-parse', 'HEAD')
const stamps = {
  'mlgitops.io/git-commit': commit,
  'mlgitops.io/model-commit': commit,
  'mlgitops.io/model-digest': await digest(repository.folder, 'a')
}
t.teardown(() => {
  repository.remove()
})

/** The function's answer to a ResourceList. */
async function call(kind: string, items: readonly JsonObject[]) {
  const list = {
    apiVersion: 'config.kubernetes.io/v1',
    kind: 'ResourceList',
    items,
    functionConfig: {
      apiVersion: 'mlgitops.io/v1alpha1',
      kind,
      metadata: { name: 'a' },
      spec: { path: '../a' }
    }
  }
  const folder = path.join(repository.folder, 'overlay')
  const result = await functionCommand({ args: [], env: {}, folder }, () =>
    Promise.resolve(writeYaml(list))
  )
  const [document] = readYaml(result.stdout, { file: 'stdout' })
  return { ...result, answer: document?.value as JsonObject }
}

t.test('files of kustomize and kpt and local items pass through untouched', async t => {
  const item = (file: string, fields: JsonObject, annotations: JsonObject = {}) => ({
    ...fields,
    metadata: { annotations: { 'internal.config.kubernetes.io/path': file, ...annotations } }
  })
  const local = 'config.kubernetes.io/local-config'
  const braces = { data: { v: '{{ .Values.nope }} ${GIT_COMMIT}' } }
  const map = { apiVersion: 'v1', kind: 'ConfigMap', ...braces }
  const kept = [
    item('kustomization.yaml', { resources: ['{{ nope }}'] }),
    item('b/kustomization.yml', { namePrefix: '${GIT_COMMIT}' }),
    item('c/Kustomization', {}),
    {
      resources: ['x.yaml'],
      metadata: { annotations: { 'config.kubernetes.io/path': 'kustomization.yaml' } }
    },
    item('d.yaml', { kind: 'Component', resources: [] }),
    { kind: 'Kustomization', resources: [] },
    item('e.yaml', {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      ...braces
    }),
    item('f.yaml', { apiVersion: 'kustomize.config.k8s.io/v1alpha1', kind: 'Component' }),
    item('Kptfile', { apiVersion: 'kpt.dev/v1', kind: 'Kptfile', ...braces }),
    item('g/Kptfile', { kind: 'Kptfile' }),
    item('h.yaml', map, { [local]: 'true' }),
    item('i.yaml', map, { [local]: true }),
    item('j.yaml', map, { [local]: '' })
  ]
  const rendered = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', annotations: { [local]: 'false' } },
    data: { v: '${GIT_COMMIT}' }
  }
  const { answer, stderr } = await call('RenderTransformer', [...kept, rendered])
  t.equal(stderr, '')
  t.same(answer.items, [
    ...kept,
    {
      ...rendered,
      metadata: { name: 'x', annotations: { [local]: 'false', ...stamps } },
      data: { v: commit }
    }
  ])
  const generated = await call('RenderGenerator', kept)
  t.same((generated.answer.items as readonly JsonObject[]).slice(0, kept.length), kept)
})

t.test('a fault of an item names its file', async t => {
  const map = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', annotations: { 'internal.config.kubernetes.io/path': 'b/x.yaml' } }
  }
  const missing = await call('RenderTransformer', [{ ...map, data: { v: '{{ .Values.nope }}' } }])
  t.match(missing.stderr, /^mlgitops: b\/x\.yaml: ConfigMap x/)
  const twice = await call('RenderTransformer', [map, map])
  t.match(twice.stderr, /^mlgitops: b\/x\.yaml: ConfigMap x: duplicate object/)
})
