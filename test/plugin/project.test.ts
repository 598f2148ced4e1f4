import t from 'tap'
import { parseProject } from '../../plugin/project/project.ts'

const head = 'apiVersion: mlgitops.io/v1alpha1\nkind: Project\n'

t.test('mlgitops.yaml says what a model is made of', t => {
  const { model, warnings } = parseProject(
    `${head}model:
  name: churn-prediction
  sources: [".", ../../src/**]
  values: [training, dataset.path]
`,
    'mlgitops.yaml'
  )
  t.same(model, {
    name: 'churn-prediction',
    sources: ['.', '../../src/**'],
    values: ['training', 'dataset.path']
  })
  t.same(warnings, [])
  t.same(parseProject(head, 'mlgitops.yaml').model, {
    name: undefined,
    sources: undefined,
    values: []
  })
  t.end()
})

t.test('evidence.model is an alias of model.name, with a warning', t => {
  const { model, warnings } = parseProject(`${head}evidence: { model: churn }\n`, 'mlgitops.yaml')
  t.equal(model.name, 'churn')
  t.same(warnings, [
    'mlgitops.yaml: evidence.model is deprecated: write model: { name: … } instead'
  ])
  t.throws(
    () =>
      parseProject(`${head}evidence: { model: a }\nmodel: { name: a }\n`, 'models/a/mlgitops.yaml'),
    {
      message: 'the model is named twice',
      details: {
        where: 'models/a/mlgitops.yaml',
        found: 'evidence.model and model.name',
        remedy: 'Remove evidence.model: model.name replaces it.'
      }
    }
  )
  t.end()
})

t.test('kinds names registry entries', t => {
  const { kinds } = parseProject(
    `${head}kinds:
  - { group: mlops.example.com, kind: RegisteredModel, uris: [spec.artifactPath], digest: spec }
  - { group: example.com, kind: Entry }
`,
    'mlgitops.yaml'
  )
  t.same(kinds, [
    { group: 'mlops.example.com', kind: 'RegisteredModel', uris: ['spec.artifactPath'] },
    { group: 'example.com', kind: 'Entry', uris: [] }
  ])
  t.throws(() => parseProject(`${head}kinds: [{ kind: X }]\n`, 'mlgitops.yaml'), {
    code: 'PROJECT_INVALID'
  })
  t.end()
})
