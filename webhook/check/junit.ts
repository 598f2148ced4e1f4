import { describeIdentity } from '../../evidence/identity.ts'
import { actionOf, countViolations, describeFinding } from '../decision.ts'
import type { Violation } from '../decision.ts'
import { printable, printableFinding } from '../printable.ts'
import type { Checked } from './report.ts'

/** Formats the report as JUnit XML: a test case per object, failed when it is denied. */
export function junitReport(checked: readonly Checked[]): string {
  const failures = checked.filter(({ decision }) => decision.kind === 'denied').length
  const head = `<testsuite name="mlgitops check" tests="${checked.length}" failures="${failures}">`
  const lines = [head, ...checked.map(testCase), '</testsuite>', '']
  return ['<?xml version="1.0" encoding="UTF-8"?>', ...lines].join('\n')
}

function testCase({ manifest, decision }: Checked): string {
  const name = escape(describeIdentity(decision.object))
  const head = `  <testcase name="${name}" classname="${escape(manifest.file)}"`
  const { violations } = decision
  if (violations.length === 0) return `${head}/>`
  const isDenied = decision.kind === 'denied'
  const element = isDenied ? 'failure' : 'system-out'
  const attribute = isDenied ? ` message="${countViolations(violations.length)}"` : ''
  const lines = violations.map(describeViolation).join('\n')
  return `${head}>\n    <${element}${attribute}>${lines}</${element}>\n  </testcase>`
}

function describeViolation(violation: Violation): string {
  const finding = printableFinding(violation)
  const rule = `${printable(violation.policy)} (${printable(violation.rule)})`
  return escapeMarkup(
    `${actionOf(violation)} ${rule} ${finding.field}: ${describeFinding(finding)}`
  )
}

function escape(text: string): string {
  return escapeMarkup(printable(text))
}

/** Escapes text and attributes. XML 1.0 does not allow U+FFFE and U+FFFF. */
function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[\uFFFE\uFFFF]/g, '�')
}
