import { Fault } from '../../common/fault.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { schemaErrorLines } from '../schema-error.ts'
import { validateBiasAudit } from './bias-audit-validator.generated.js'
import schema from './bias-audit.schema.json' with { type: 'json' }
import type { BiasAudit } from './bias-audit.ts'
import { requireConsistency } from './consistency.ts'

/**
 * Reads a bias audit and checks it: its form by bias-audit.schema.json, its figures against each other.
 *
 * @param file the name in messages; `.md` is Markdown with YAML front matter, all else YAML or JSON
 * @throws {Fault} `BIAS_AUDIT_INVALID` with what does not fit the schema (at most ten fields),
 *   `BIAS_AUDIT_INCONSISTENT` with what the audit's own counts do not bear out (at most ten), `YAML_*`
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
  // The schema has just said that it is one.
  const audit = value as unknown as BiasAudit
  if (!isDay(audit.date)) throw invalid(['date: expected a day of the calendar'], file)
  requireConsistency(audit, file)
  return audit
}

/** The lines between the first two `---`; what stands before is kept as empty lines for positions. */
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
  return new Fault('BIAS_AUDIT_INVALID', `the bias audit does not fit its schema:${lines}`, {
    where
  })
}

/** The schema lets the 30th of February pass. */
function isDay(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date)
}
