import { Fault } from '../../common/fault.ts'
import type { JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { schemaErrorLines } from '../../evidence/schema-error.ts'
import { validateTrainingResult } from './training-result-validator.generated.js'
import schema from './training-result.schema.json' with { type: 'json' }

/** What a training run says that it made: training-result.schema.json. */
export interface TrainingResult {
  readonly model: string
  readonly version: string
  readonly modelDigest?: string
  readonly dirty?: boolean
  readonly run: {
    readonly system: string
    readonly id: string
    readonly uid: string
    readonly url?: string
  }
  readonly commit: string
  readonly artifact: { readonly uri: string; readonly digest?: string; readonly bytes?: number }
  readonly dataset: {
    readonly name: string
    readonly uri?: string
    readonly digest: string
    readonly rows?: number
  }
  readonly parameters?: Readonly<Record<string, string | number | boolean>>
  readonly metrics: Readonly<Record<string, JsonValue>>
}

const maxCharacters = 1024 * 1024

/**
 * Reads a result file. It is strict: a member that is there twice or unknown is refused, as are a number that is
 * not finite and text that a template would take for an action.
 *
 * @param file the name in messages
 * @throws {Fault} `RESULT_INVALID` with at most ten fields, `RESULT_DIRTY`, `YAML_DUPLICATE_KEY`
 */
export function readTrainingResult(text: string, file: string): TrainingResult {
  if (text.length > maxCharacters) {
    throw new Fault('RESULT_INVALID', 'the result is larger than 1 Mi characters', { where: file })
  }
  if (tryParseJson(text) === undefined) {
    throw new Fault('RESULT_INVALID', 'the result is not JSON', {
      where: file,
      remedy: 'Write it with a JSON library; NaN and Infinity are not JSON.'
    })
  }
  // JSON.parse keeps the last of two members with one name; the YAML reader refuses them.
  const value = readYaml(text, { file })[0]?.value ?? null
  const errors = [...schemaErrorLines(value, schema, validateTrainingResult)]
  const braces = errors.length === 0 ? templated(value) : undefined
  if (braces !== undefined) errors.push(`${braces}: has the braces of a template`)
  if (errors.length > 0) {
    const lines = errors.map(line => `\n  ${line}`).join('')
    throw new Fault('RESULT_INVALID', `the result does not match its schema:${lines}`, {
      where: file
    })
  }
  // Valid by the schema.
  const result = value as unknown as TrainingResult
  if (result.dirty === true) {
    throw new Fault('RESULT_DIRTY', 'the training ran with changes that are in no commit', {
      where: file,
      found: 'dirty: true',
      remedy: 'Commit the changes and train again: the commit would not say what was trained.'
    })
  }
  return result
}

/** The path of a string that a template would change if the entry were rendered. */
function templated(value: JsonValue, path = 'result'): string | undefined {
  if (typeof value === 'string') return /\{\{|\}\}|\$\{/.test(value) ? path : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries<JsonValue>(value)) {
    if (templated(name) !== undefined) return path
    const found = templated(inner, `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
