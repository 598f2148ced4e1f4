import { describeIdentity } from '../../evidence/identity.ts'
import { printable } from '../printable.ts'
import { reportResult } from './report.ts'
import type { Checked } from './report.ts'

/** The report as JUnit XML: a test case for each object, failed where it is denied. */
export function junitReport(checked: readonly Checked[]): string {
  const failures = checked.filter(({ decision }) => decision.kind === 'denied').length
  const cases = checked.map(({ manifest, decision }) => {
    const name = escape(describeIdentity(decision.object))
    const head = `  <testcase name="${name}" classname="${escape(manifest.file)}"`
    const results = decision.violations.map(violation => reportResult(decision, violation))
    const lines = results.map(({ policy, rule, action, field, message }) =>
      escape(`${action} ${policy} (${rule}) ${field}: ${message}`)
    )
    if (lines.length === 0) return `${head}/>`
    const element = decision.kind === 'denied' ? 'failure' : 'system-out'
    const attribute = element === 'failure' ? ` message="${results.length} violations"` : ''
    return `${head}>\n    <${element}${attribute}>${lines.join('\n')}</${element}>\n  </testcase>`
  })
  const head = `<testsuite name="mlgitops check" tests="${checked.length}" failures="${failures}">`
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...cases, '</testsuite>', ''].join('\n')
}

function escape(text: string): string {
  return printable(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\uFFFE\uFFFF]/g, '�')
}
