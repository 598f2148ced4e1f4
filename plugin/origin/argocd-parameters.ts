import { Fault, bound } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { argocdVariables } from './argocd-variables.ts'

/** An entry of `spec.source.plugin.parameters` with a value. */
export interface ArgocdParameter {
  readonly name: string
  readonly value: JsonValue
}

const where = argocdVariables.parameters.name

/**
 * Reads `ARGOCD_APP_PARAMETERS`: a JSON list of names with a `string`, `array` or `map`. Absent, empty
 * and `null` mean no parameters; an entry without any of the three sets nothing.
 * Source: argo-cd pkg/apis/application/v1alpha1/types.go, ApplicationSourcePluginParameters.Environ.
 *
 * @throws {Fault} `PARAMETERS_INVALID`
 */
export function readParameters(text: string | undefined): readonly ArgocdParameter[] {
  if (text === undefined || text.trim() === '') return []
  const list = tryParseJson(text)
  if (list === undefined) throw invalid('text that is not JSON', 'a JSON list')
  if (list === null) return []
  if (!isJsonArray(list)) throw invalid(kindOf(list), 'a list')
  const parameters = list.flatMap((entry, index) => readParameter(entry, index))
  const twice = parameters.find(({ name }, at) =>
    parameters.some((other, otherAt) => otherAt > at && other.name === name)
  )
  if (twice !== undefined)
    throw invalid(`the name "${bound(twice.name, 80)}" more than once`, 'unique names')
  return parameters
}

function readParameter(entry: JsonValue, index: number): readonly ArgocdParameter[] {
  const name = stringMember(entry, 'name')
  if (name === undefined || name === '') throw invalid(`entry ${index} has no name`, 'a name')
  const given = (['string', 'array', 'map'] as const).filter(kind => {
    const value = member(entry, kind)
    return value !== undefined && value !== null
  })
  const [kind] = given
  if (kind === undefined) return []
  const value = member(entry, kind) ?? null
  const strings =
    kind === 'array' && isJsonArray(value)
      ? value
      : isJsonObject(value)
        ? Object.values(value)
        : [value]
  const hasShape = {
    string: typeof value === 'string',
    array: isJsonArray(value),
    map: isJsonObject(value)
  }[kind]
  if (given.length > 1 || !hasShape || strings.some(item => typeof item !== 'string')) {
    throw invalid(
      `"${bound(name, 80)}" has no valid value`,
      'one of string, array or map, of strings'
    )
  }
  return [{ name, value }]
}

function invalid(found: string, expected: string): Fault {
  return new Fault('PARAMETERS_INVALID', 'the parameters are invalid', {
    where,
    found,
    expected
  })
}
