import { readFileSync } from 'node:fs'
import t from 'tap'
import { isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { readAnalysis } from '../../analysis/settings/read-analysis.ts'
import { readQuery } from '../../analysis/view/query.ts'
import { crdSchemas, peerSchemas, strictValidator } from './peer-schemas.ts'

const folder = 'manifests/examples/canary'
const { schemas, absent } = peerSchemas([
  { module: 'github.com/fluxcd/flagger@v1.44.0', file: 'artifacts/flagger/crd.yaml' },
  {
    module: 'github.com/argoproj/argo-rollouts@v1.8.3',
    file: 'manifests/crds/analysis-template-crd.yaml'
  }
])
const known = new Map([...schemas, ...crdSchemas('manifests/crds/modelanalyses.yaml')])

function objectsOf(file: string): readonly JsonObject[] {
  const path = `${folder}/${file}`
  return readYaml(readFileSync(path, 'utf8'), { file: path }).flatMap(({ value }) =>
    isJsonObject(value) ? [value] : []
  )
}

function at(value: JsonValue | undefined, ...path: readonly string[]): JsonValue | undefined {
  return path.reduce(member, value)
}

t.test('The examples fit the definitions of Flagger, Argo Rollouts and ours', t => {
  for (const module of absent) t.comment(`SKIPPED: ${module} is not available (no Go, or no network)`)
  const files = ['canary', 'metric-template', 'model-analysis', 'analysis-template']
  let judged = 0
  for (const object of files.flatMap(name => objectsOf(`${name}.yaml`))) {
    const kind = `${stringMember(object, 'apiVersion') ?? ''}/${stringMember(object, 'kind') ?? ''}`
    const schema = known.get(kind)
    if (schema === undefined) continue
    judged += 1
    const validate = strictValidator(schema)
    validate(JSON.parse(JSON.stringify(object)))
    t.same(validate.errors ?? [], [], kind)
  }
  if (absent.length === 0) t.equal(judged, 5)
  t.end()
})

t.test('What they ask the analysis is what it answers', t => {
  const [template] = objectsOf('analysis-template.yaml')
  const [metric] = at(template, 'spec', 'metrics') as JsonObject[]
  const metadata = at(metric, 'provider', 'web', 'jsonBody', 'metadata') as Record<string, string>
  t.equal(readAnalysis(new Map(Object.entries(metadata))).objectives.length, 2)
  const queries = objectsOf('metric-template.yaml').map(object => {
    const query = stringMember(member(object, 'spec'), 'query') ?? ''
    const written = query.replace('{{ namespace }}', 'ml').replace('{{ name }}', 'churn')
    return readQuery(written)
  })
  t.match(queries, [
    { kind: 'score', score: 'precision' },
    { kind: 'score', score: 'latency', quantile: 0.99 }
  ])
  t.end()
})
