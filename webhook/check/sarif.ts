import { buildReport, reportResult } from './report.ts'
import type { Checked } from './report.ts'

const levels = { Deny: 'error', Warn: 'warning', Audit: 'note' } as const

/** Formats the report as SARIF 2.1.0, which code hosts show next to the lines of a pull request. */
export function sarifReport(checked: readonly Checked[]): string {
  const rules = new Set(buildReport(checked).results.map(({ policy, rule }) => `${policy}/${rule}`))
  const results = checked.flatMap(({ manifest, decision }) =>
    decision.violations.map(violation => {
      const { policy, rule, action, object, field, message } = reportResult(decision, violation)
      const name = `${object.kind} ${object.namespace === '' ? '' : `${object.namespace}/`}${object.name}`
      return {
        ruleId: `${policy}/${rule}`,
        level: levels[action],
        message: { text: `${name}: ${field}: ${message}` },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: relativeReference(manifest.file) },
              region: { startLine: manifest.line }
            },
            logicalLocations: [{ fullyQualifiedName: `${name}: ${field}` }]
          }
        ]
      }
    })
  )
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mlgitops', rules: [...rules].map(id => ({ id })) } },
        results
      }
    ]
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** Encodes a file name as a relative reference (RFC 3986): `#`, `?` and `:` are part of the name. */
function relativeReference(file: string): string {
  return file.toWellFormed().split('/').map(encodeURIComponent).join('/')
}
