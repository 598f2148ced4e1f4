import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isJsonObject, member, stringMember } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'
import { writeYaml } from '../common/yaml/write.ts'
import { crdStatus } from './crd-status.ts'
import { releaseStatus } from './release-status.ts'
import { ruleTypes } from '../webhook/policy/read-policy.ts'

/** A CustomResourceDefinition and the schema file it is made from. */
export interface Crd {
  /** JSON Schema of the whole object, by its path from the repository's root. */
  readonly schema: string
  readonly output: string
  readonly kind: string
  readonly plural: string
  readonly scope: 'Cluster' | 'Namespaced'
  readonly description: string
  readonly columns: readonly JsonObject[]
  readonly status: JsonObject
  /** Demands that the schema leaves to the code that reads it, by the field they are about. */
  readonly demands: Readonly<Record<string, JsonObject>>
}

const root = path.join(import.meta.dirname, '..')
const ready = '.status.conditions[?(@.type=="Ready")]'
const age = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }
const rulesField = 'spec.rules[]'

/** Rules of CEL, for their messages say what the API server's own words for oneOf do not. */
const oneOf = (...names: readonly string[]) => ({
  'x-kubernetes-validations': [
    {
      rule: `[${names.map(name => `has(self.${name})`).join(', ')}].filter(given, given).size() == 1`,
      message: `expected exactly one of ${names.join(', ')}`
    }
  ]
})
const anyOf = (...names: readonly string[]) => ({
  'x-kubernetes-validations': [
    {
      rule: names.map(name => `has(self.${name})`).join(' || '),
      message: `expected ${names.join(' or ')}`
    }
  ]
})
const otherAuditOptions = [
  'covers',
  'supportingImages',
  'maxAgeDays',
  'independent',
  'minimumGroupSize',
  'attributes',
  'bounds'
]
/** `level: present` of rule biasAudit asks for a file, and has no other option. */
const aloneAtPresent = (...names: readonly string[]) => ({
  'x-kubernetes-validations': [
    {
      rule: `!has(self.level) || self.level != "present" || !(${names.map(name => `has(self.${name})`).join(' || ')})`,
      message:
        'level present asks only for the file: remove the other options, or ask for level valid'
    }
  ]
})

const policyStatus = crdStatus(
  'Whether the webhook uses it, and why not.',
  'Ready is True once every rule is compiled and in force.'
)

/** Every generated definition. */
export const crds: readonly Crd[] = [
  {
    schema: 'webhook/policy/model-policy.schema.json',
    output: 'manifests/crds/modelpolicies.yaml',
    kind: 'ModelPolicy',
    plural: 'modelpolicies',
    scope: 'Cluster',
    description: 'What ML objects have to meet before they are admitted to the cluster.',
    columns: [
      { name: 'Actions', type: 'string', jsonPath: '.spec.validationActions' },
      { name: 'Ready', type: 'string', jsonPath: `${ready}.status` },
      { name: 'Message', type: 'string', jsonPath: `${ready}.message`, priority: 1 },
      age
    ],
    demands: {
      [rulesField]: oneOf(...ruleTypes),
      [`${rulesField}.biasAudit`]: aloneAtPresent(...otherAuditOptions),
      [`${rulesField}.biasAudit.bounds[]`]: anyOf('min', 'max'),
      [`${rulesField}.images`]: anyOf('registries', 'pinnedBy', 'forbiddenTags'),
      [`${rulesField}.resources`]: anyOf('requests', 'limits')
    },
    status: policyStatus
  },
  {
    schema: 'webhook/policy/policy-exception.schema.json',
    output: 'manifests/crds/policyexceptions.yaml',
    kind: 'PolicyException',
    plural: 'policyexceptions',
    scope: 'Namespaced',
    description: 'Takes violations of named policies by named objects away until a date.',
    columns: [
      { name: 'Expires', type: 'string', jsonPath: '.spec.expiresAt' },
      { name: 'Ready', type: 'string', jsonPath: `${ready}.status` },
      { name: 'Reason', type: 'string', jsonPath: '.spec.reason', priority: 1 },
      age
    ],
    demands: { 'spec.expiresAt': { format: 'date-time' } },
    status: policyStatus
  },
  {
    schema: 'plugin/flux/release/model-release.schema.json',
    output: 'manifests/crds/modelreleases.yaml',
    kind: 'ModelRelease',
    plural: 'modelreleases',
    scope: 'Namespaced',
    description:
      'Renders a path of a source of Flux and publishes the result as an ExternalArtifact.',
    columns: [
      age,
      { name: 'Ready', type: 'string', jsonPath: `${ready}.status` },
      { name: 'Status', type: 'string', jsonPath: `${ready}.message` },
      { name: 'Suspended', type: 'boolean', jsonPath: '.spec.suspend', priority: 1 },
      {
        name: 'Revision',
        type: 'string',
        jsonPath: '.status.lastAttemptedRevision',
        priority: 1
      }
    ],
    status: releaseStatus,
    demands: {}
  }
]

/**
 * Returns a definition as YAML, with a structural schema (apiextensions.k8s.io/v1).
 *
 * @throws {Error} for a field without a description, a keyword that a structural schema cannot have,
 *   and a required field that does not exist
 */
export function generateCrd(crd: Crd): string {
  return writeDefinition(crd, openApiSchema(crd), crd.schema)
}

/** A definition with one version, stored and served, and a status of its own. `source` made it. */
export function writeDefinition(
  { kind, plural, scope, columns }: Pick<Crd, 'kind' | 'plural' | 'scope' | 'columns'>,
  openAPIV3Schema: JsonObject,
  source: string
): string {
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.mlgitops.io` },
    spec: {
      group: 'mlgitops.io',
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: 'v1alpha1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema }
        }
      ]
    }
  }
  return `# Generated from ${source} by npm run generate.\n${writeYaml(definition)}`
}

function openApiSchema({ schema, description, demands, status }: Crd): JsonObject {
  const whole = JSON.parse(readFileSync(path.join(root, schema), 'utf8')) as JsonObject
  const open = new Map(Object.entries(demands))
  const spec = structural(member(member(whole, 'properties'), 'spec') ?? {}, 'spec', {
    definitions: member(whole, '$defs') ?? {},
    demands: open
  })
  const [unmet] = open.keys()
  if (unmet !== undefined) throw new Error(`${schema}: there is no field ${unmet}`)
  return wholeObject(description, spec, status)
}

/** The schema of an object with spec and status. */
export function wholeObject(description: string, spec: JsonObject, status: JsonObject): JsonObject {
  return {
    description,
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { description: 'The version of this schema.', type: 'string' },
      kind: { description: 'The kind of object.', type: 'string' },
      metadata: { type: 'object' },
      spec,
      status
    }
  }
}

interface Structure {
  readonly definitions: JsonValue
  /** Those that no field has taken yet. */
  readonly demands: Map<string, JsonObject>
}

const copied = [
  'type',
  'enum',
  'pattern',
  'minimum',
  'minItems',
  'maxItems',
  'minProperties',
  'required',
  'x-kubernetes-preserve-unknown-fields'
]
const translated = ['title', 'description', 'properties', 'additionalProperties', 'items']

/** Unknown fields are pruned by the API server: it has no closed objects, and no references. */
function structural(node: JsonValue, field: string, structure: Structure): JsonObject {
  const resolved = resolve(node, structure.definitions)
  const unknown = Object.keys(resolved).filter(key => ![...copied, ...translated].includes(key))
  if (unknown.length > 0)
    throw new Error(`${field}: no structural schema has ${unknown.join(', ')}`)
  const description = stringMember(resolved, 'description')
  if (description === undefined && !field.endsWith(']'))
    throw new Error(`${field} has no description`)
  const result: Record<string, JsonValue> = description === undefined ? {} : { description }
  for (const key of copied) {
    const value = member(resolved, key)
    if (value !== undefined) result[key] = value
  }
  Object.assign(result, countedApart(stringMember(resolved, 'pattern')))
  const { properties, items, additionalProperties } = resolved
  if (isJsonObject(properties)) {
    const entries = Object.entries(properties)
    result.properties = Object.fromEntries(
      entries.map(([name, value]) => [name, structural(value, `${field}.${name}`, structure)])
    )
  }
  if (items !== undefined) result.items = structural(items, `${field}[]`, structure)
  if (isJsonObject(additionalProperties))
    result.additionalProperties = structural(additionalProperties, `${field}[*]`, structure)
  const demand = structure.demands.get(field) ?? {}
  structure.demands.delete(field)
  return { ...result, ...demand }
}

/** A pattern that counts further than RE2 does (1,000), as a pattern and a greatest length. */
function countedApart(pattern: string | undefined): JsonObject {
  const [, repeated, most] = /^(\^\[.*\])\{1,(\d{4,})\}\$$/.exec(pattern ?? '') ?? []
  if (repeated === undefined) return {}
  return { pattern: `${repeated}+$`, maxLength: Number(most) }
}

/** Keys next to a reference override those of its target. */
function resolve(node: JsonValue, definitions: JsonValue): JsonObject {
  if (!isJsonObject(node)) throw new Error('a schema has to be an object')
  const reference = stringMember(node, '$ref')
  if (reference === undefined) return node
  const target = member(definitions, reference.replace('#/$defs/', ''))
  if (!isJsonObject(target)) throw new Error(`there is no ${reference}`)
  const siblings = Object.entries(node).filter(([key]) => key !== '$ref')
  return { ...target, ...Object.fromEntries(siblings) }
}
