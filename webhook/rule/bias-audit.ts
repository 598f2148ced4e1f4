import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import type { BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import type { Finding } from '../decision.ts'
import type { BiasAuditOptions } from '../policy/model-policy.ts'
import { attestationField } from '../subject/attestation.ts'
import { coverFindings } from './audit-cover.ts'
import { groupFindings } from './audited-groups.ts'
import type { RuleInput } from './context.ts'
import { fairnessFindings } from './fairness.ts'

const dayMs = 24 * 60 * 60 * 1_000
/** An audit of tomorrow can be one of today in another time zone. */
const zoneToleranceDays = 1

/**
 * Rule `biasAudit`. Level `present`: a file is attested as the bias audit. Level `valid`: it has figures,
 * covers what the object runs or trains from, and the figures (computed from its counts at render time)
 * prove that the model is within bounds.
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
  const { facts } = attestation
  const { biasAudit: audit, evidence, source } = facts
  const [file] = evidence
  if (audit === undefined && file === undefined) return [absentFinding(source)]
  if (options.level === 'present') return []
  if (audit === undefined) return [plainFinding(file?.path ?? '', source)]
  return [
    ...modelFindings(audit, source),
    ...coverFindings(options, { audit, facts }, subject),
    ...ageFindings(audit, options.maxAgeDays, now),
    ...auditorFindings(audit, options),
    ...groupFindings(audit, options),
    ...fairnessFindings(audit, options)
  ]
}

function absentFinding({ path, commit }: StatedFacts['source']): Finding {
  return finding({
    problem: 'the model has no bias audit',
    found: `no bias_audit.md in ${path || '.'} at commit ${commit}`,
    fix: 'create one with mlgitops audit and commit it next to the model'
  })
}

/** From a plain file, which level `present` accepts, to figures. */
function plainFinding(file: string, { path, commit }: StatedFacts['source']): Finding {
  const audited = [path, file].filter(part => part !== '' && part !== '.').join('/')
  return finding({
    problem: 'the bias audit is plain text: it has no figures to judge',
    found: `${audited} at commit ${commit}`,
    allowed: 'a valid bias audit (level: valid)',
    fix: `run mlgitops audit PREDICTIONS --path ${path || '.'} --out ${audited}, and put the text below what it writes (docs/bias-audit.md); until then, the policy can ask for biasAudit: { level: present }`
  })
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

function finding(parts: Omit<Finding, 'field'>): Finding {
  return { field: attestationField, ...parts }
}
