import { Fault } from '../../common/fault.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { schemaErrorLines } from '../schema-error.ts'
import { validateBiasAudit } from './bias-audit-validator.generated.js'
import schema from './bias-audit.schema.json' with { type: 'json' }
import type { BiasAudit } from './bias-audit.ts'
import { requireConsistency } from './consistency.ts'

/**
 * Reads a bias audit and checks it by bias-audit.schema.json, and its figures against each other.
 *
 * @param file the name in messages; `.md` is Markdown with YAML front matter, any other YAML or JSON
 * @throws {Fault} `BIAS_AUDIT_INVALID` with the fields that do not match the schema (at most ten),
 *   `BIAS_AUDIT_INCONSISTENT` with the contradictions to its own counts (at most ten), `YAML_*`
 */
export function parseBiasAudit(text: string, file: string): BiasAudit {
  const documents = readYaml(file.endsWith('.md') ? frontMatter(text, file) : text, {
    file,
    literalKeys: true
  })
  const [first, second] = documents
  if (second !== undefined) {
    const where = `${file}:${second.line}`
    throw new Fault('BIAS_AUDIT_INVALID', 'the bias audit has a second document', { where })
  }
  const value = first?.value ?? null
  const errors = schemaErrorLines(value, schema, validateBiasAudit)
  if (errors.length > 0) throw invalid(errors, file)
  // Valid by the schema.
  const audit = value as unknown as BiasAudit
  if (!isDay(audit.date)) throw invalid(['date: expected a calendar date'], file)
  requireConsistency(audit, file)
  return audit
}

/** Returns the lines between the first two `---`; earlier lines become empty to keep positions. */
function frontMatter(text: string, file: string): string {
  const found = /^\uFEFF?---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)
  if (found?.[1] !== undefined) return `\n${found[1]}\n`
  throw new Fault('BIAS_AUDIT_INVALID', 'the bias audit has no front matter', {
    where: file,
    expected: 'YAML between two lines of --- at the top',
    remedy: 'docs/bias-audit.md shows one.'
  })
}

function invalid(errors: readonly string[], where: string): Fault {
  const lines = errors.map(line => `\n  ${line}`).join('')
  return new Fault('BIAS_AUDIT_INVALID', `the bias audit does not match its schema:${lines}`, {
    where
  })
}

/** The schema accepts February 30. */
function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
}
