import { isJsonArray, isJsonObject, member, stringMember } from '../common/json.ts'
import type { JsonObject, JsonValue } from '../common/json.ts'

/** A parameter in Argo CD's UI. Source: argo-cd reposerver/repository/repository.proto. */
export interface ParameterAnnouncement {
  readonly name: string
  readonly title?: string
  readonly tooltip?: string
  readonly required?: boolean
  readonly collectionType: 'string' | 'array' | 'map'
  readonly string?: string
  readonly array?: readonly string[]
  readonly map?: Readonly<Record<string, string>>
}

/** The parameter that names the environment. */
export const environmentParameter = 'environment'

/** The parameters of every application path; plugin.yaml announces them. */
export const staticParameters: readonly ParameterAnnouncement[] = [
  {
    name: environmentParameter,
    title: 'Environment',
    tooltip: 'The environment to render: a file configs/<environment>.yaml in the repository.',
    required: true,
    collectionType: 'string',
    string: ''
  }
]

/** The parameters that a `values.schema.json` describes, with their values from the value files. */
export function announceValues(
  schema: JsonObject,
  values: JsonObject,
  prefix: readonly string[] = []
): readonly ParameterAnnouncement[] {
  const properties = member(schema, 'properties')
  if (!isJsonObject(properties)) return []
  const required = member(schema, 'required')
  return Object.entries(properties).flatMap(([key, property]) => {
    if (!isJsonObject(property)) return []
    const path = [...prefix, key.replaceAll('.', '\\.')]
    const value = member(values, key) ?? member(property, 'default')
    if (isJsonObject(member(property, 'properties'))) {
      return announceValues(property, isJsonObject(value) ? value : {}, path)
    }
    const [title, tooltip] = [
      stringMember(property, 'title'),
      stringMember(property, 'description')
    ]
    return [
      {
        name: path.join('.'),
        title: title ?? path.join('.'),
        ...(tooltip === undefined ? {} : { tooltip }),
        required: isJsonArray(required) && required.includes(key),
        ...collection(value, stringMember(property, 'type'))
      }
    ]
  })
}

function collection(
  value: JsonValue | undefined,
  type: string | undefined
): Pick<ParameterAnnouncement, 'collectionType' | 'string' | 'array' | 'map'> {
  if (isJsonArray(value) || type === 'array') {
    return { collectionType: 'array', array: isJsonArray(value) ? value.map(textual) : [] }
  }
  if (isJsonObject(value) || type === 'object') {
    const entries = Object.entries(isJsonObject(value) ? value : {})
    return {
      collectionType: 'map',
      map: Object.fromEntries(entries.map(([key, inner]) => [key, textual(inner)]))
    }
  }
  return { collectionType: 'string', string: value === undefined ? '' : textual(value) }
}

function textual(value: JsonValue): string {
  if (typeof value === 'string') return value
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
