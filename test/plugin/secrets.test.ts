import { spawnSync } from 'node:child_process'
import t from 'tap'
import { run } from '../../bin/run.ts'
import { configMap, TestRepository } from './repository.ts'

const secret = 'hunter2-correct-horse'
const asBase64 = Buffer.from(secret).toString('base64')
const hasKustomize = ['kustomize', 'kubectl'].some(
  command =>
    spawnSync(command, ['version', ...(command === 'kubectl' ? ['--client'] : [])]).status === 0
)
const project = 'apiVersion: mlgitops.io/v1alpha1\nkind: Project\n'
const secretObject = (data: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  ${data}\n`

interface Case {
  readonly files: Readonly<Record<string, string>>
  readonly code: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const values = { 'values.yaml': `password: ${secret}\nlist: [${secret}]\n` }
const cases: Readonly<Record<string, Case>> = {
  'a value of the wrong type': {
    files: { ...values, 'x.yaml': secretObject('v: {{ int .Values.password }}') },
    code: 'TEMPLATE_TYPE'
  },
  'a list in text': {
    files: { ...values, 'x.yaml': secretObject('v: "a{{ .Values.list }}"') },
    code: 'TEMPLATE_TYPE'
  },
  'a path through it': {
    files: { ...values, 'x.yaml': secretObject('v: {{ .Values.password.x }}') },
    code: 'TEMPLATE_VALUE_MISSING'
  },
  'invalid JSON': {
    files: { ...values, 'x.yaml': secretObject('v: {{ fromJson .Values.password }}') },
    code: 'TEMPLATE_TYPE'
  },
  'a duplicate key': {
    files: {
      ...values,
      'x.yaml': secretObject('{{ .Values.password }}: 1\n  {{ .Values.password }}: 2')
    },
    code: 'YAML_DUPLICATE_KEY'
  },
  'invalid inserted YAML': {
    files: {
      ...values,
      'x.yaml': secretObject('v: [\n{{ printf "%s: [" .Values.password | indent 2 }}')
    },
    code: 'YAML_INVALID'
  },
  'a tag': {
    files: { 'values.yaml': `password: !${secret}{x\n`, 'x.yaml': configMap('v: 1') },
    code: 'YAML_INVALID'
  },
  'a local tag': {
    files: { ...values, 'x.yaml': secretObject('v: !!int {{ .Values.password }}') },
    code: 'YAML_INVALID'
  },
  'an alias': {
    files: { 'values.yaml': `password: *${secret}\n`, 'x.yaml': configMap('v: 1') },
    code: 'YAML_INVALID'
  },
  'a value file that is not a mapping': {
    files: { 'values.yaml': `${secret}\n`, 'x.yaml': configMap('v: 1') },
    code: 'VALUES_NOT_OBJECT'
  },
  'a schema': {
    files: {
      ...values,
      'x.yaml': configMap('v: 1'),
      'values.schema.json': JSON.stringify({
        properties: {
          password: {
            type: 'integer',
            enum: [1],
            const: 2,
            maxLength: 3,
            pattern: '^x',
            not: { type: 'string' },
            anyOf: [false],
            format: 'email'
          },
          list: { items: { minLength: 100 }, contains: { const: 'y' } }
        }
      })
    },
    code: 'VALUES_INVALID'
  },
  'a value from --set': {
    files: { ...values, 'x.yaml': configMap('v: 1') },
    args: ['--set', `password.x=${secret}`],
    code: 'VALUES_CONFLICT'
  },
  "the plugin's env": {
    files: { ...values, 'x.yaml': configMap('v: {{ int .Values.token }}') },
    env: { ARGOCD_ENV_token: secret },
    code: 'TEMPLATE_TYPE'
  },
  'an environment variable with an invalid value name': {
    files: { 'x.yaml': configMap('v: 1') },
    env: { ARGOCD_ENV_gitCommit: secret },
    code: 'VALUES_BUILT_IN'
  },
  'a parameter': {
    files: { 'x.yaml': configMap('v: {{ gt .Values.token 1 }}') },
    env: { ARGOCD_APP_PARAMETERS: JSON.stringify([{ name: 'token', string: secret }]) },
    code: 'TEMPLATE_TYPE'
  },
  'a parameter of a wrong shape': {
    files: { 'x.yaml': configMap('v: 1') },
    env: { ARGOCD_APP_PARAMETERS: JSON.stringify([{ name: 'token', string: [secret] }]) },
    code: 'PARAMETERS_INVALID'
  },
  'parameters that are not JSON': {
    files: { 'x.yaml': configMap('v: 1') },
    env: { ARGOCD_APP_PARAMETERS: `[{"string":"${secret}"` },
    code: 'PARAMETERS_INVALID'
  },
  'a JSON patch': {
    files: {
      'x.yaml': secretObject('v: a'),
      'mlgitops.yaml': `${project}patches: [{target: {}, json: [{op: test, path: /stringData/v, value: ${secret}}]}]\n`
    },
    code: 'PATCH_FAILED'
  },
  'a strategic patch': {
    files: {
      'x.yaml': secretObject('v: a'),
      'mlgitops.yaml': `${project}patches: [{target: {}, strategic: {stringData: {$patch: ${secret}}}}]\n`
    },
    code: 'PATCH_INVALID'
  },
  'an invalid object name': {
    files: {
      ...values,
      'x.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Values.list }}}\n'
    },
    code: 'OBJECT_INVALID'
  }
}
const kustomizeCases: Readonly<Record<string, Case>> = {
  'a value in a kustomization': {
    files: {
      ...values,
      'kustomization.yaml': 'resources: [x.yaml]\n{{ .Values.password }}: 1\n',
      'x.yaml': secretObject('v: a')
    },
    code: 'KUSTOMIZE_FAILED'
  },
  'a literal': {
    files: { 'kustomization.yaml': `secretGenerator: [{name: x, literals: ["${secret}"]}]\n` },
    code: 'KUSTOMIZE_FAILED'
  },
  'a patch of a Secret': {
    files: {
      'kustomization.yaml':
        'resources: [x.yaml]\npatches: [{path: p.yaml, target: {kind: Secret}}]\n',
      'x.yaml': secretObject('v: a'),
      'p.yaml': `- {op: test, path: /stringData/v, value: "${secret}"}\n`
    },
    code: 'KUSTOMIZE_FAILED'
  }
}

t.test('messages never contain a secret', async t => {
  if (!hasKustomize)
    t.comment(`SKIPPED, ${Object.keys(kustomizeCases).length} cases: no kustomize and no kubectl`)
  const all = { ...cases, ...(hasKustomize ? kustomizeCases : {}) }
  for (const [name, { files, code, args = [], env }] of Object.entries(all)) {
    const repository = new TestRepository(files)
    const argocd = {
      ARGOCD_APP_REVISION: repository.git('rev-parse', 'HEAD'),
      ARGOCD_APP_SOURCE_PATH: '.'
    }
    const { stdout, stderr, exitCode } = await run({
      args: ['render', '.', ...args],
      env: env === undefined ? {} : { ...argocd, ...env },
      folder: repository.folder
    })
    t.match(stderr, `[${code}]`, name)
    t.notMatch(stderr, secret, name)
    t.notMatch(stderr, asBase64, name)
    t.notMatch(stderr, repository.folder, name)
    t.same([stdout, exitCode], ['', 1], name)
    repository.remove()
  }
})
