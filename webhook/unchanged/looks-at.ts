import type { Rule } from '../policy/model-policy.ts'
import { pathsOfCel } from './cel-paths.ts'
import type { LooksAt } from './looks.ts'
import { pathsOfSchema } from './schema-paths.ts'

const runs: LooksAt = { paths: [], attestation: false, request: false }
const attestedRuns: LooksAt = { ...runs, attestation: true }

/** A rule of which nothing is known looks at everything. */
export const everything: LooksAt = { paths: [[]], attestation: true, request: true }

/** Returns what a rule looks at. Every rule looks at what the object runs, too. */
export function looksAt(rule: Rule): LooksAt {
  switch (rule.type) {
    case 'provenance':
      // The pace of a spec is bound too.
      return rule.options.binds === 'object' ? { ...attestedRuns, paths: [['spec']] } : attestedRuns
    case 'biasAudit':
    case 'artifacts':
      return attestedRuns
    case 'images':
      return rule.options.pinnedBy?.includes('commit') === true ? attestedRuns : runs
    case 'resources':
      return runs
    case 'labels':
      return { ...runs, paths: [['metadata', 'labels']] }
    case 'schema':
      return { ...runs, paths: pathsOfSchema(rule.options.schema) }
    case 'cel':
      return pathsOfCel(rule.options)
  }
}
