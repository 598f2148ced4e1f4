import { celEnv, parse, plan } from '@bufbuild/cel'
import type { CelInput } from '@bufbuild/cel'
import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

const environment = celEnv({})

/**
 * What the CEL rules of a definition's schema find wrong with a value, as the API server says it
 * (apiextensions.k8s.io/v1, `x-kubernetes-validations`).
 */
export function brokenRules(
  schema: JsonValue | undefined,
  value: JsonValue | undefined,
  field = ''
): readonly string[] {
  if (value === undefined) return []
  const rules = (member(schema, 'x-kubernetes-validations') ?? []) as readonly JsonObject[]
  const broken = rules
    .filter(({ rule }) => plan(environment, parse(rule as string))({ self: value as CelInput }) !== true)
    .map(({ message }) => `${field}: ${message as string}`)
  const below = isJsonArray(value)
    ? value.map((item, i) => brokenRules(member(schema, 'items'), item, `${field}[${i}]`))
    : Object.entries(isJsonObject(value) ? value : {}).map(([name, inner]) =>
        brokenRules(member(member(schema, 'properties'), name), inner, `${field}.${name}`)
      )
  return [...broken, ...below.flat()]
}
