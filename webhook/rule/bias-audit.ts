import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import { coversModel } from '../../evidence/bias-audit/summary.ts'
import type { BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import type { Finding } from '../decision.ts'
import type { BiasAuditOptions, MetricBound } from '../policy/model-policy.ts'
import { attestationField } from '../subject/attestation.ts'
import type { RuleInput } from './context.ts'

type Source = StatedFacts['source']

const dayMs = 24 * 60 * 60 * 1_000
/** An audit of tomorrow can be one of today in another time zone. */
const zoneToleranceDays = 1

/**
 * Rule `biasAudit`: the attestation has a bias audit, the audit covers the commit of the model or its
 * files, and its figures (computed from its counts at render time) are within bounds.
 */
export function judgeBiasAudit(
  options: BiasAuditOptions,
  { attestation, now }: RuleInput
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
    ...modelFindings(audit, source.model),
    ...coverFindings(audit, source),
    ...ageFindings(audit, options.maxAgeDays, now),
    ...auditorFindings(audit, options),
    ...attributeFindings(audit, options),
    ...(options.bounds ?? []).flatMap(bound => boundFindings(audit, bound))
  ]
}

function modelFindings({ model }: BiasAuditSummary, expected: string | undefined) {
  if (model.name === expected) return []
  return [
    finding({
      problem: 'the bias audit covers another model',
      found: `${model.name} ${model.version}`,
      allowed: expected ?? 'none, because the attestation names no model',
      fix: 'audit this model, or set evidence.model in mlgitops.yaml to its name'
    })
  ]
}

function coverFindings(audit: BiasAuditSummary, source: Source): readonly Finding[] {
  if (coversModel(audit, source)) return []
  const { modelCommit, modelDigest, model } = audit
  const named = [modelCommit, modelDigest].filter(name => name !== undefined).join(' and ')
  const found = `${named} (${model.name} ${model.version})`
  if (modelDigest === undefined) {
    const problem = `the bias audit does not cover the model's commit`
    return [
      finding({ problem, found, allowed: source.modelCommit ?? 'none', fix: fixByCommit(source) })
    ]
  }
  const files = source.modelDigest ?? 'none, because the attestation has no digest of the model'
  const fix = `audit the model at this commit with the digest that mlgitops digest ${source.path} prints (add --flux for Flux, whose sources lack links, .gitignore, *.png, *.zip and what .sourceignore names)`
  return [
    modelCommit === undefined
      ? finding({
          problem: `the bias audit does not cover the model's files`,
          found,
          allowed: files,
          fix
        })
      : finding({
          problem: `the bias audit covers neither the model's commit nor its files`,
          found,
          allowed: `${source.modelCommit ?? 'no commit'} or ${files}`,
          fix
        })
  ]
}

/** In a source without history every commit is the model's, and an audit cannot name its own commit. */
function fixByCommit({ commit, modelCommit, path }: Source): string {
  const fix = 'audit the model at this commit'
  if (commit !== modelCommit) return fix
  return `${fix}; for a source without history (Flux), use the digest that mlgitops digest --flux ${path} prints instead of a commit`
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
