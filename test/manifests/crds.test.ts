import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { RE2JS } from 're2js'
import t from 'tap'
import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { brokenRules } from './crd-rules.ts'
import { crds, generateCrd } from '../../scripts/generate-crds.ts'

/** RE2 counts to 1,000 over nested repetitions, and the API server refuses a definition that counts further. */
function isNoPattern(pattern: JsonValue | undefined): boolean {
  if (typeof pattern !== 'string') return false
  try {
    RE2JS.compile(pattern)
    return false
  } catch {
    return true
  }
}

const forbidden = ['$ref', '$defs', 'oneOf', 'anyOf', 'const', 'title', 'patternProperties', 'definitions', 'id']

/** What a structural schema must not have (apiextensions.k8s.io/v1), and fields without a description. */
function problems(node: JsonObject, field: string): readonly string[] {
  const { properties, items, additionalProperties, type } = node
  const found = Object.keys(node)
    .filter(key => forbidden.includes(key))
    .map(key => `${field}: ${key}`)
  if (isNoPattern(node.pattern)) found.push(`${field}: pattern ${node.pattern as string}`)
  if (typeof type !== 'string') found.push(`${field}: no type`)
  if (properties !== undefined && additionalProperties !== undefined) found.push(`${field}: both`)
  if (typeof additionalProperties === 'boolean') found.push(`${field}: additionalProperties`)
  const nested = Object.entries(isJsonObject(properties) ? properties : {})
  for (const [name, value] of nested) {
    if (member(value, 'description') === undefined && `${field}.${name}` !== 'object.metadata')
      found.push(`${field}.${name}: no description`)
  }
  const below: readonly (readonly [string, JsonValue | undefined])[] = [
    ...nested.map(([name, value]) => [`${field}.${name}`, value] as const),
    [`${field}[]`, items],
    [`${field}[*]`, additionalProperties]
  ]
  return [
    ...found,
    ...below.flatMap(([name, value]) => (isJsonObject(value) ? problems(value, name) : []))
  ]
}

function versionOf(file: string): JsonObject {
  const [document] = readYaml(readFileSync(file, 'utf8'), { file })
  const versions = member(member(document?.value, 'spec'), 'versions') as readonly JsonObject[]
  return versions[0] ?? {}
}

const schemaOf = (file: string) =>
  member(versionOf(file).schema, 'openAPIV3Schema') as unknown as JsonObject

t.test('Schemas are structural, and every field says what it is', t => {
  for (const { output } of crds) t.same(problems(schemaOf(output), 'object'), [], output)
  t.same(
    problems({ type: 'object', properties: { a: { $ref: '#' } }, additionalProperties: false }, 'x'),
    ['x: both', 'x: additionalProperties', 'x.a: no description', 'x.a: $ref', 'x.a: no type'],
    'the check itself finds what is wrong'
  )
  t.same(problems({ type: 'string', pattern: '^a{1,1001}$' }, 'x'), ['x: pattern ^a{1,1001}$'])
  const nested = '^(?:a{0,500}){1,50}$'
  t.same(problems({ type: 'string', pattern: nested }, 'x'), [`x: pattern ${nested}`])
  t.end()
})

t.test('Scope, columns and status are what kubectl users expect', t => {
  const columns = (file: string) =>
    (versionOf(file).additionalPrinterColumns as readonly JsonObject[]).map(({ name }) => name)
  t.same(columns('manifests/crds/modelpolicies.yaml'), ['Actions', 'Ready', 'Message', 'Age'])
  t.same(columns('manifests/crds/policyexceptions.yaml'), ['Expires', 'Ready', 'Reason', 'Age'])
  t.same(
    columns('manifests/crds/modelreleases.yaml'),
    ['Age', 'Ready', 'Status', 'Suspended', 'Revision'],
    'in the order of the kinds of Flux'
  )
  t.same(
    crds.map(({ kind, scope }) => [kind, scope]),
    [
      ['ModelPolicy', 'Cluster'],
      ['PolicyException', 'Namespaced'],
      ['ModelRelease', 'Namespaced']
    ]
  )
  for (const { output } of crds) {
    t.same(versionOf(output).subresources, { status: {} })
    const status = member(schemaOf(output).properties, 'status')
    const fields = Object.keys(member(status, 'properties') ?? {})
    t.same(fields.slice(-2), ['observedGeneration', 'conditions'])
  }
  t.end()
})

t.test('The schema of a ModelPolicy takes usable policies, and refuses rules that ask for nothing', t => {
  const ajv = new Ajv({ strict: false, formats: { int64: true, 'date-time': true } })
  const schema = schemaOf('manifests/crds/modelpolicies.yaml')
  const fits = ajv.compile(schema)
  const validate = (value: JsonValue | undefined) =>
    fits(value) && brokenRules(schema, value).length === 0
  const file = 'manifests/policies/require-bias-audit.yaml'
  t.ok(validate(readYaml(readFileSync(file, 'utf8'), { file })[0]?.value))
  const takes = (rule: JsonObject) =>
    validate({ spec: { validationActions: ['Deny'], rules: [rule] } })
  const audit = (bound: JsonObject) => ({
    biasAudit: { bounds: [{ metric: 'equalized_odds_ratio', ...bound }] }
  })
  t.ok(takes({ name: 'x', provenance: {} }))
  t.ok(takes({ images: { forbiddenTags: ['latest'] } }))
  t.ok(takes({ resources: { limits: ['memory'] } }))
  t.ok(takes(audit({ min: 0.8 })))
  t.ok(takes({ cel: { validations: [{ expression: 'true' }] } }))
  t.ok(takes({ schema: { schema: { $ref: '#', properties: { a: { const: 1 } } } } }))
  t.notOk(takes({}))
  t.notOk(takes({ name: 'x' }))
  t.notOk(takes({ provenance: {}, biasAudit: {} }))
  t.same(brokenRules(schema, { spec: { rules: [{ labels: {} }, { provenance: {}, biasAudit: {} }] } }), [
    '.spec.rules[1]: expected exactly one of biasAudit, provenance, images, artifacts, resources, labels, schema, cel'
  ])
  t.notOk(takes({ images: { hidden: 'Allow' } }))
  t.notOk(takes({ resources: {} }))
  t.notOk(takes(audit({})))
  t.notOk(validate({ spec: { validationActions: ['Block'], rules: [{ provenance: {} }] } }))
  t.end()
})

t.test('A CRD cannot be generated from a field without a description or a rule on an unknown field', t => {
  for (const crd of crds) {
    const demands = { ...crd.demands, 'spec.rule[]': {} }
    const message = `${crd.schema}: there is no field spec.rule[]`
    t.throws(() => generateCrd({ ...crd, demands }), { message })
    const other = { ...crd, demands: {}, schema: 'plugin/project/project.schema.json' }
    t.throws(() => generateCrd(other), { message: 'spec has no description' })
  }
  t.end()
})
