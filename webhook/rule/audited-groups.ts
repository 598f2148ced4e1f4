import type { AttributeSummary, BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import type { Finding } from '../decision.ts'
import type { BiasAuditOptions } from '../policy/model-policy.ts'
import { attestationField } from '../subject/attestation.ts'

/** Rates of fewer people say little: an audit flags smaller groups by default. */
const boundedGroupSize = 30
const comparedGroups = 2

/** Reports attributes that are not audited, and audited ones whose groups prove nothing. */
export function groupFindings(
  { attributes }: BiasAuditSummary,
  options: BiasAuditOptions
): readonly Finding[] {
  const asked = options.attributes ?? []
  const missing = asked.filter(name => !attributes.some(attribute => attribute.name === name))
  return [
    ...missing.map(name =>
      finding({
        problem: `the bias audit does not cover the attribute ${name}`,
        found: attributes.map(attribute => attribute.name).join(', '),
        fix: `audit ${name} too`
      })
    ),
    ...attributes.flatMap(attribute => sizeFindings(attribute, options))
  ]
}

function sizeFindings(attribute: AttributeSummary, options: BiasAuditOptions): readonly Finding[] {
  const { minimumGroupSize } = options
  if (attribute.smallestGroup < (minimumGroupSize ?? 0)) {
    return [smallFinding(attribute, minimumGroupSize ?? 0)]
  }
  if (!isJudged(attribute.name, options)) return []
  const size = minimumGroupSize ?? (options.bounds === undefined ? 1 : boundedGroupSize)
  return largeGroups(attribute, size) < comparedGroups ? [loneFinding(attribute, size)] : []
}

/** An attribute that the policy does not name is judged only if the policy judges all of them. */
function isJudged(name: string, { attributes = [], bounds = [] }: BiasAuditOptions): boolean {
  const named = [...attributes, ...bounds.map(({ attribute }) => attribute)]
  return named.length === 0 || named.includes(undefined) || named.includes(name)
}

/** Without figures (v1alpha1), the audit's own minimum size says which groups are large. */
function largeGroups({ groups, smallGroups, figures }: AttributeSummary, size: number): number {
  if (figures === undefined) return size > 1 ? groups - smallGroups.length : groups
  return figures.largest.filter(({ people }) => people >= size).length
}

function smallFinding({ name, smallestGroup, figures }: AttributeSummary, size: number): Finding {
  const small = figures?.smallest.filter(({ people }) => people < size) ?? []
  const listed = small.map(({ group, people }) => `${group}: ${people} people`)
  return finding({
    problem: `the bias audit of ${name} has a group that is too small to judge`,
    found: listed.length === 0 ? `${smallestGroup} people` : listed.join(', '),
    allowed: `at least ${size}`,
    fix: 'collect more data, or merge groups'
  })
}

function loneFinding({ name, groups, figures }: AttributeSummary, size: number): Finding {
  const largest = figures?.largest.map(({ group, people }) => `${group}: ${people} people`) ?? []
  const count = groups === 1 ? 'it has one group' : 'fewer than two groups are large enough'
  return finding({
    problem: `the bias audit of ${name} compares nothing: ${count}`,
    found: largest.length === 0 ? `groups: ${groups}` : largest.join(', '),
    allowed:
      size > 1
        ? `two groups of at least ${size} people with a known value`
        : 'two groups of people with a known value',
    fix: `audit data in which ${name} has two such groups, or leave ${name} out of the audit`
  })
}

function finding(parts: Omit<Finding, 'field'>): Finding {
  return { field: attestationField, ...parts }
}
