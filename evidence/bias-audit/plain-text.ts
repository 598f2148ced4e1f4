import { Fault } from '../../common/fault.ts'

/**
 * True for an audit that is plain Markdown: people wrote a text, and no program can judge it. A text that
 * says `kind: BiasAudit` on a line means to have figures, so that one with broken front matter is refused
 * and not taken for a plain text.
 *
 * @param file the name in messages; only `.md` can be plain
 * @throws {Fault} `BIAS_AUDIT_EMPTY` for a text without a word
 */
export function isPlainAudit(text: string, file: string): boolean {
  if (!file.endsWith('.md') || meansFigures.test(text)) return false
  if (/[\p{L}\p{N}]/u.test(text)) return true
  throw new Fault('BIAS_AUDIT_EMPTY', 'the bias audit is empty', {
    where: file,
    remedy: 'write the audit, or make one with mlgitops audit'
  })
}

const meansFigures = /^[ \t{,]*["']?kind["']?[ \t]*:[ \t]*["']?BiasAudit\b/m

/** What a render says of a plain audit. */
export function plainAuditWarning(file: string): string {
  return `${file}: the bias audit is plain text and attested by its digest only: policies refuse it unless they ask for level present (docs/bias-audit.md)`
}
