import type { Finding } from '../decision.ts'

/** What fields mean that can hide something and cannot be searched. */
export function unsearchedFindings(
  hidden: 'Deny' | 'Allow',
  fields: readonly { readonly field: string; readonly reason: string }[],
  what: string
): readonly Finding[] {
  if (hidden === 'Allow') return []
  return fields.map(({ field, reason }) => ({
    field,
    problem: `the field can hide ${what}: it ${reason}, and cannot be searched`,
    fix: 'write it as fields of the object, or ask for a PolicyException'
  }))
}
