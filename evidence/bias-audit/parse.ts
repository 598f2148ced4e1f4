import { Fault } from '../../common/fault.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { validateBiasAudit } from './bias-audit-validator.generated.js'
import type { BiasAudit } from './bias-audit.ts'
import { inconsistencies } from './consistency.ts'

const maxFindings = 10

/**
 * Reads a bias audit: Markdown with YAML front matter, YAML or JSON, by the file's name.
 *
 * @param file the name in messages
 * @throws {Fault} `BIAS_AUDIT_INVALID` with what does not fit the schema, `BIAS_AUDIT_INCONSISTENT`
 *   where reported figures disagree with their own counts, `YAML_*`
 */
export function parseBiasAudit(text: string, file: string): BiasAudit {
  const documents = readYaml(file.endsWith('.md') ? frontMatter(text, file) : text, {
    file,
    literalKeys: true
  })
  const value = documents[0]?.value
  if (documents.length !== 1 || !validateBiasAudit(value)) {
    const findings = (validateBiasAudit.errors ?? []).map(({ instancePath, message, params }) => {
      const extra = params.additionalProperty
      const place = instancePath === '' ? 'the audit' : fieldOf(instancePath)
      return extra === undefined
        ? `${place} ${message ?? 'is invalid'}`
        : `${place} has the unknown key "${extra.slice(0, 80)}"`
    })
    throw refused('BIAS_AUDIT_INVALID', 'the bias audit does not fit its schema', file, findings)
  }
  const audit = value as unknown as BiasAudit
  const wrong = inconsistencies(audit)
  if (wrong.length > 0) {
    const message = 'the bias audit disagrees with its own counts'
    throw refused('BIAS_AUDIT_INCONSISTENT', message, file, wrong)
  }
  return audit
}

/** The lines between the first two `---`; what stands before is kept as empty lines for positions. */
function frontMatter(text: string, file: string): string {
  const found = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)
  if (found?.[1] !== undefined) return `\n${found[1]}\n`
  throw new Fault('BIAS_AUDIT_INVALID', 'the bias audit has no front matter', {
    where: file,
    expected: 'YAML between two lines of --- at the top',
    remedy: 'docs/bias-audit.md shows one.'
  })
}

function refused(code: string, message: string, where: string, findings: readonly string[]): Fault {
  const found = findings.slice(0, maxFindings).join('; ') || 'more or less than one document'
  return new Fault(code, message, { where, found })
}

function fieldOf(pointer: string): string {
  return pointer
    .slice(1)
    .replace(/\/([0-9]+)/g, '[$1]')
    .replaceAll('/', '.')
}
