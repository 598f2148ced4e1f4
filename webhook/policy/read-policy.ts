import { Fault } from '../../common/fault.ts'
import { isJsonArray, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isImagePrefix } from '../../evidence/image-reference.ts'
import { schemaErrorLines } from '../../evidence/schema-error.ts'
import { readTime } from '../../evidence/time.ts'
import { isLocation } from '../rule/artifacts.ts'
import type { Action } from '../decision.ts'
import type { LineOf } from './policy-source.ts'
import { validateModelPolicy } from './model-policy-validator.generated.js'
import schema from './model-policy.schema.json' with { type: 'json' }
import type {
  BiasAuditOptions,
  ImagesOptions,
  MatchConstraints,
  ModelPolicy,
  NamedRule,
  ProvenanceOptions,
  Rule
} from './model-policy.ts'

/** Every type of rule. An entry of `rules` has exactly one of them. */
export const ruleTypes = [
  'biasAudit',
  'provenance',
  'images',
  'artifacts',
  'resources',
  'labels',
  'schema',
  'cel'
] as const satisfies readonly Rule['type'][]

const defaults = {
  biasAudit: {},
  provenance: { binds: 'runs' },
  images: { hidden: 'Deny' },
  artifacts: { hidden: 'Deny' },
  resources: { requests: [], limits: [] },
  labels: {},
  schema: {},
  cel: {}
} as const satisfies Record<Rule['type'], JsonObject>

/**
 * Reads a ModelPolicy. A policy with any unknown or invalid field is refused as a whole.
 *
 * @param where its file, or its name in the cluster
 * @param lineOf returns the lines of its fields in the file
 * @throws {Fault} `POLICY_INVALID` with every reason
 */
export function readPolicy(object: JsonObject, where: string, lineOf?: LineOf): ModelPolicy {
  const given = withoutServerFields(object)
  const errors = schemaErrorLines(given, schema, validateModelPolicy, { lineOf, quotesWords: true })
  if (errors.length > 0) throw invalid(where, errors)
  const spec = member(object, 'spec')
  const rules = (member(spec, 'rules') as readonly JsonObject[]).map(readRule)
  const problems = rules.flatMap(rule => (typeof rule === 'string' ? [rule] : problemsOf(rule)))
  if (problems.length > 0) throw invalid(where, problems)
  return {
    name: stringMember(member(object, 'metadata'), 'name') ?? '',
    actions: member(spec, 'validationActions') as unknown as readonly Action[],
    match: (member(spec, 'matchConstraints') ?? {}) as MatchConstraints,
    rules: rules.filter(rule => typeof rule !== 'string')
  }
}

function readRule(object: JsonObject, index: number): NamedRule | string {
  const types = ruleTypes.filter(type => Object.hasOwn(object, type))
  const [type] = types
  if (type === undefined || types.length > 1) {
    return `spec.rules[${index}]: expected exactly one of ${ruleTypes.join(', ')}, found ${types.join(', ') || 'none'}`
  }
  const options = { ...defaults[type], ...(object[type] as JsonObject) }
  return { name: stringMember(object, 'name') ?? type, rule: { type, options } as unknown as Rule }
}

/** Problems that the schema cannot express: rules that require nothing, or that nothing can meet. */
function problemsOf({ name, rule }: NamedRule): readonly string[] {
  const say = (problem: string) => `rule ${name}: ${problem}`
  switch (rule.type) {
    case 'images':
      return imagesProblems(rule.options).map(say)
    case 'artifacts': {
      const wrong = rule.options.locations.filter(location => !isLocation(location))
      return wrong.map(location =>
        say(`${location} is not a location (SCHEME://PATH, nothing escaped)`)
      )
    }
    case 'resources': {
      const { requests, limits } = rule.options
      return requests.length + limits.length === 0 ? [say('expected requests or limits')] : []
    }
    case 'biasAudit':
      return biasAuditProblems(rule.options).map(say)
    case 'provenance':
      return provenanceProblems(rule.options).map(say)
    case 'labels':
    case 'schema':
    case 'cel':
      return []
  }
}

/** A plain file has nothing that another option could judge. */
function biasAuditProblems(options: BiasAuditOptions): readonly string[] {
  const { level, bounds = [], supportingImages = [] } = options
  const given = Object.keys(options).filter(name => name !== 'level')
  if (level === 'present' && given.length > 0) {
    return [
      `level present asks only for the file: remove ${given.join(', ')}, or ask for level valid`
    ]
  }
  const empty = bounds.filter(({ min, max }) => min === undefined && max === undefined)
  const wrong = supportingImages.filter(prefix => !isImagePrefix(prefix))
  return [
    ...empty.map(({ metric }) => `the bound of ${metric} has neither min nor max`),
    ...wrong.map(prefix => `${prefix} is not a registry prefix (HOST or HOST/PATH)`)
  ]
}

function provenanceProblems({
  notBefore,
  pods,
  injectedImages = []
}: ProvenanceOptions): readonly string[] {
  const wrong = injectedImages.filter(prefix => !isImagePrefix(prefix))
  return [
    ...(notBefore === undefined || readTime(notBefore) !== undefined
      ? []
      : [`notBefore is ${notBefore}, which is not a time that exists`]),
    ...(pods === undefined && injectedImages.length > 0
      ? ['injectedImages has a meaning only with pods: owner']
      : []),
    ...wrong.map(prefix => `${prefix} is not a registry prefix (HOST or HOST/PATH)`)
  ]
}

function imagesProblems({
  registries = [],
  pinnedBy,
  forbiddenTags
}: ImagesOptions): readonly string[] {
  if (registries.length === 0 && pinnedBy === undefined && forbiddenTags === undefined) {
    return ['expected registries, pinnedBy or forbiddenTags']
  }
  const wrong = registries.filter(prefix => !isImagePrefix(prefix))
  return wrong.map(prefix => `${prefix} is not a registry prefix (HOST or HOST/PATH)`)
}

/** The API server adds fields to metadata that no author writes. */
function withoutServerFields(object: JsonObject): JsonValue {
  const copy = { ...object }
  delete (copy as Record<string, unknown>).status
  return copy
}

function invalid(where: string, errors: readonly string[]): Fault {
  const lines = errors.map(line => `\n  ${line}`).join('')
  return new Fault('POLICY_INVALID', `the policy cannot be used:${lines}`, { where })
}

/**
 * Returns the objects of a list at any depth, or the object itself. As in kubectl, any object with a
 * list of items is a list, whatever its kind (apimachinery unstructured, `detectList`).
 */
export function openList(object: JsonValue): readonly JsonValue[] {
  const items = member(object, 'items')
  return isJsonArray(items) ? items.flatMap(openList) : [object]
}
