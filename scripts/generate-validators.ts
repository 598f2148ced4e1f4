import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { AnySchemaObject } from 'ajv'
import standalone from 'ajv/dist/standalone/index.js'

/** A schema of ours and the module that validates by it without loading ajv at run time. */
export interface Validator {
  readonly schema: string
  readonly output: string
  /** The name of the exported function. */
  readonly name: string
}

/** Every generated validator, by paths from the repository's root. */
export const validators: readonly Validator[] = [
  {
    schema: 'plugin/project/project.schema.json',
    output: 'plugin/project/project-validator.generated.js',
    name: 'validateProject'
  },
  {
    schema: 'evidence/bias-audit/bias-audit.schema.json',
    output: 'evidence/bias-audit/bias-audit-validator.generated.js',
    name: 'validateBiasAudit'
  }
]

const root = path.join(import.meta.dirname, '..')

/**
 * The module of a validator. It must import nothing: a render has no time to load ajv.
 *
 * @throws {Error} if the schema needs one of ajv's run time modules
 */
export function generateValidator({ schema, name }: Validator): string {
  const parsed = JSON.parse(readFileSync(path.join(root, schema), 'utf8')) as AnySchemaObject
  const ajv = new Ajv2020({
    allErrors: true,
    strictTypes: false,
    code: { source: true, esm: true, lines: true }
  })
  ajv.addSchema(parsed, name)
  const code = standalone.default(ajv, { [name]: name })
  if (code.includes('require(')) throw new Error(`${schema} needs a run time module of ajv`)
  return code.endsWith('\n') ? code : `${code}\n`
}
