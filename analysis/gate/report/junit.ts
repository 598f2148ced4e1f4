import { nameOfVerdict, oneLook } from '../gate.ts'
import type { GateReport } from '../gate.ts'
import type { ObjectiveVerdict } from '../../judge/verdict.ts'

/** Formats the report as JUnit XML: a test case per objective, failed if it failed or is undecided. */
export function junitReport({ objectives }: GateReport): string {
  const failed = objectives.filter(({ verdict }) => verdict !== 'pass').length
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="mlgitops gate" tests="${objectives.length}" failures="${failed}">`,
    ...objectives.map(testCase),
    `  <system-out>${oneLook}</system-out>`,
    '</testsuite>',
    ''
  ]
  return lines.join('\n')
}

function testCase(objective: ObjectiveVerdict): string {
  const { verdict, reason } = objective
  const head = `  <testcase name="${escape(nameOfVerdict(objective))}" classname="mlgitops gate"`
  const text = escape(reason)
  return verdict === 'pass'
    ? `${head}>\n    <system-out>${text}</system-out>\n  </testcase>`
    : `${head}>\n    <failure message="${verdict}">${text}</failure>\n  </testcase>`
}

/** Escapes text and attributes. XML 1.0 does not allow most control characters. */
function escape(text: string): string {
  return text
    .replace(/[^\P{Cc}\t\n]|[\uFFFE\uFFFF]/gu, '�')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
