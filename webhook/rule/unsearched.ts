import type { Finding } from '../decision.ts'

/** Adds a finding for each field that can hide something and cannot be searched. */
export function addUnsearched(
  findings: Finding[],
  fields: readonly { readonly field: string; readonly reason: string }[],
  what: string,
  fix = 'write it as fields of the object, or ask for a PolicyException'
): void {
  for (const { field, reason } of fields) {
    const problem = `the field can hide ${what}: it ${reason}, and cannot be searched`
    findings.push({ field, problem, fix })
  }
}
