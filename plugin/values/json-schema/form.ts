import { isJsonArray, isJsonObject } from '../../../common/json.ts'
import type { JsonValue } from '../../../common/json.ts'
import { isSchema } from './schema.ts'
import type { Schema } from './schema.ts'

/** The valid arguments of a keyword, and the schemas in them. */
export interface Form {
  readonly expected: string
  readonly fits: (argument: JsonValue) => boolean
  readonly schemasIn?: (argument: JsonValue) => readonly Schema[]
}

/** The names of types. */
export const typeNames = ['null', 'boolean', 'object', 'array', 'number', 'integer', 'string']

const isText = (value: JsonValue) => typeof value === 'string'
const isNumber = (value: JsonValue) => typeof value === 'number' || typeof value === 'bigint'
const isTexts = (value: JsonValue) => isJsonArray(value) && value.every(isText)
const schemas = (value: JsonValue): readonly Schema[] => Object.values(value ?? {}).filter(isSchema)

const anySchema: Form = {
  expected: 'a schema',
  fits: isSchema,
  schemasIn: value => (isSchema(value) ? [value] : [])
}
const schemaMap: Form = {
  expected: 'an object of schemas',
  fits: value => isJsonObject(value) && Object.values(value).every(isSchema),
  schemasIn: schemas
}
const schemaList: Form = {
  expected: 'a non-empty list of schemas',
  fits: value => isJsonArray(value) && value.length > 0 && value.every(isSchema),
  schemasIn: schemas
}
const text: Form = { expected: 'a string', fits: isText }
const texts: Form = { expected: 'a list of strings', fits: isTexts }
const number: Form = { expected: 'a number', fits: isNumber }
const count: Form = {
  expected: 'a non-negative integer',
  fits: value => Number.isSafeInteger(value) && Number(value) >= 0
}

const forms: Readonly<Record<string, Form>> = {
  $ref: text,
  $dynamicRef: text,
  $recursiveRef: text,
  $id: text,
  $anchor: text,
  $dynamicAnchor: text,
  $defs: schemaMap,
  definitions: schemaMap,
  type: {
    expected: `${typeNames.join(', ')}, or a list of these`,
    fits: value =>
      (isJsonArray(value) ? value : [value]).every(
        name => typeof name === 'string' && typeNames.includes(name)
      )
  },
  enum: { expected: 'a list', fits: isJsonArray },
  multipleOf: { expected: 'a number above 0', fits: value => isNumber(value) && Number(value) > 0 },
  maximum: number,
  exclusiveMaximum: number,
  minimum: number,
  exclusiveMinimum: number,
  maxLength: count,
  minLength: count,
  pattern: text,
  maxItems: count,
  minItems: count,
  uniqueItems: { expected: 'true or false', fits: value => typeof value === 'boolean' },
  maxContains: count,
  minContains: count,
  maxProperties: count,
  minProperties: count,
  required: texts,
  dependentRequired: {
    expected: 'an object of lists of strings',
    fits: value => isJsonObject(value) && Object.values(value).every(isTexts)
  },
  properties: schemaMap,
  patternProperties: schemaMap,
  additionalProperties: anySchema,
  propertyNames: anySchema,
  unevaluatedProperties: anySchema,
  prefixItems: schemaList,
  items: {
    expected: 'a schema or a list of schemas',
    fits: value => (isJsonArray(value) ? value.every(isSchema) : isSchema(value)),
    schemasIn: value => (isSchema(value) ? [value] : schemas(value))
  },
  additionalItems: anySchema,
  unevaluatedItems: anySchema,
  contains: anySchema,
  dependentSchemas: schemaMap,
  dependencies: {
    expected: 'an object of schemas and lists of strings',
    fits: value =>
      isJsonObject(value) && Object.values(value).every(inner => isSchema(inner) || isTexts(inner)),
    schemasIn: schemas
  },
  allOf: schemaList,
  anyOf: schemaList,
  oneOf: schemaList,
  not: anySchema,
  if: anySchema,
  then: anySchema,
  else: anySchema
}

/** The form of a keyword; undefined for annotations, such as `title`. */
export function formOf(keyword: string): Form | undefined {
  return Object.hasOwn(forms, keyword) ? forms[keyword] : undefined
}
