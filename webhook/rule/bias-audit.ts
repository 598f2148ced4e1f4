import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import type { BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import type { Finding } from '../decision.ts'
import type { BiasAuditOptions, MetricBound } from '../policy/model-policy.ts'
import { attestationField } from '../subject/attestation.ts'
import { coverFindings } from './audit-cover.ts'
import type { RuleInput } from './context.ts'

const dayMs = 24 * 60 * 60 * 1_000
/** An audit of tomorrow can be one of today in another time zone. */
const zoneToleranceDays = 1

/**
 * Rule `biasAudit`: the attestation has a bias audit, the audit covers what the object runs or trains
 * from, and its figures (computed from its counts at render time) are within bounds.
 */
export function judgeBiasAudit(
  options: BiasAuditOptions,
  { subject, attestation, now }: RuleInput
): readonly Finding[] {
  if (attestation.kind === 'refused') {
    return attestation.findings.map(finding => {
      return { ...finding, problem: `no bias audit is verified: ${finding.problem}` }
    })
  }
  const { biasAudit: audit, source } = attestation.facts
  if (audit === undefined) {
    return [
      finding({
        problem: 'the model has no bias audit',
        found: `no bias_audit.md in ${source.path || '.'} at commit ${source.commit}`,
        fix: 'create one with mlgitops audit and commit it next to the model'
      })
    ]
  }
  return [
    ...modelFindings(audit, source),
    ...coverFindings(options, { audit, facts: attestation.facts }, subject),
    ...ageFindings(audit, options.maxAgeDays, now),
    ...auditorFindings(audit, options),
    ...attributeFindings(audit, options),
    ...(options.bounds ?? []).flatMap(bound => boundFindings(audit, bound))
  ]
}

/** The digest alone identifies the model; a commit is one of all the models of a repository. */
function modelFindings(audit: BiasAuditSummary, source: StatedFacts['source']) {
  const { name, version } = audit.model
  const isSameContent = audit.modelDigest !== undefined && audit.modelDigest === source.modelDigest
  if (name === source.model || isSameContent) return []
  return [
    finding({
      problem: 'the bias audit covers another model',
      found: `${name} ${version}`,
      allowed: source.model ?? 'none, because the attestation names no model',
      fix: `audit this model, or set model.name in mlgitops.yaml to its name; an audit that names the digest of the model (mlgitops audit --path ${source.path}) covers copies with other names`
    })
  ]
}

function ageFindings(
  audit: BiasAuditSummary,
  maxAgeDays: number | undefined,
  now: Date
): readonly Finding[] {
  const ageDays = Math.floor((now.getTime() - Date.parse(`${audit.date}T00:00:00Z`)) / dayMs)
  if (!(ageDays >= -zoneToleranceDays)) {
    return [
      finding({
        problem: 'the bias audit is dated in the future',
        found: audit.date,
        fix: 'correct its date'
      })
    ]
  }
  if (maxAgeDays === undefined || ageDays <= maxAgeDays) return []
  return [
    finding({
      problem: 'the bias audit is too old',
      found: `${audit.date}, ${ageDays} days ago`,
      allowed: `at most ${maxAgeDays} days`,
      fix: 'repeat the audit on recent data'
    })
  ]
}

function auditorFindings(audit: BiasAuditSummary, { independent }: BiasAuditOptions) {
  if (independent !== true || audit.auditor.independent) return []
  return [
    finding({
      problem: 'the auditor is not independent',
      found: audit.auditor.name,
      allowed: 'auditor.independent: true',
      fix: 'have the model audited by someone who neither built nor uses it'
    })
  ]
}

function attributeFindings(
  { attributes }: BiasAuditSummary,
  { attributes: asked = [], minimumGroupSize = 0 }: BiasAuditOptions
): readonly Finding[] {
  const missing = asked.filter(name => !attributes.some(attribute => attribute.name === name))
  const small = attributes.filter(({ smallestGroup }) => smallestGroup < minimumGroupSize)
  return [
    ...missing.map(name =>
      finding({
        problem: `the bias audit does not cover the attribute ${name}`,
        found: attributes.map(attribute => attribute.name).join(', '),
        fix: `audit ${name} too`
      })
    ),
    ...small.map(({ name, smallestGroup }) =>
      finding({
        problem: `the bias audit of ${name} has a group that is too small to judge`,
        found: `${smallestGroup} people`,
        allowed: `at least ${minimumGroupSize}`,
        fix: 'collect more data, or merge groups'
      })
    )
  ]
}

function boundFindings({ attributes }: BiasAuditSummary, bound: MetricBound): readonly Finding[] {
  const judged = attributes.filter(({ name }) => (bound.attribute ?? name) === name)
  if (judged.length === 0) {
    const attribute =
      bound.attribute === undefined ? 'any attribute' : `the attribute ${bound.attribute}`
    const problem = `the bias audit does not cover ${attribute}`
    return [finding({ problem, fix: `audit ${attribute} too` })]
  }
  return judged.flatMap(({ name, metrics }) => {
    const value = metrics[bound.metric]
    if (value !== null && value >= (bound.min ?? -Infinity) && value <= (bound.max ?? Infinity)) {
      return []
    }
    return [
      finding({
        problem: `the model is not fair enough: ${bound.metric} by ${name}`,
        found: value === null ? 'undefined, because no group has such cases' : String(value),
        allowed: describeBound(bound),
        fix: 'train a fairer model, or change the policy together with its owners'
      })
    ]
  })
}

function describeBound({ min, max }: MetricBound): string {
  if (min === undefined) return `at most ${max ?? 'any'}`
  return max === undefined ? `at least ${min}` : `from ${min} to ${max}`
}

function finding(parts: Omit<Finding, 'field'>): Finding {
  return { field: attestationField, ...parts }
}
