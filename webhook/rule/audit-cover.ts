import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import { coverOf, coversModel } from '../../evidence/bias-audit/cover.ts'
import type { Covered } from '../../evidence/bias-audit/cover.ts'
import type { BiasAuditSummary } from '../../evidence/bias-audit/summary.ts'
import { underPrefix } from '../../evidence/image-reference.ts'
import type { Finding } from '../decision.ts'
import type { BiasAuditOptions } from '../policy/model-policy.ts'
import { attestationField } from '../subject/attestation.ts'
import { canonicalImage } from '../subject/canonical-image.ts'
import type { HiddenValue } from '../subject/hidden-text.ts'
import { imagesAndModelsOf } from '../subject/images-and-models.ts'
import { registryUrisOf } from '../subject/registry-uris.ts'
import type { Subject } from '../subject/subject.ts'
import { addUnsearched } from './unsearched.ts'

type Source = StatedFacts['source']

/** An audit, and the attested facts that it is compared with. */
interface Compared {
  readonly audit: BiasAuditSummary
  readonly facts: StatedFacts
}

/**
 * Reports what the audit does not cover. What trains is covered by its sources; what serves, and a
 * registry entry, by what it runs or names. `covers` of the policy chooses; with both, what serves needs
 * both.
 */
export function coverFindings(
  options: BiasAuditOptions,
  compared: Compared,
  subject: Subject
): readonly Finding[] {
  const role = subject.workload?.role
  const trains = role === 'train' || role === 'pipeline'
  const covers = options.covers ?? [trains ? 'sources' : 'artifacts']
  const bySources = covers.includes('sources')
  const byArtifacts = covers.includes('artifacts') && !(trains && bySources)
  return [
    ...(bySources ? sourceFindings(compared) : []),
    ...(byArtifacts ? runFindings(options, compared, subject) : [])
  ]
}

function sourceFindings({ audit, facts: { source } }: Compared): readonly Finding[] {
  if (coversModel(audit, source)) return []
  return [
    {
      field: attestationField,
      problem: sourceProblem(audit),
      found: describeAudit(audit),
      allowed: describeSource(audit, source),
      fix: sourceFix(audit, source)
    }
  ]
}

/** Every model URI, and what serves without one: its images. */
function runFindings(
  { supportingImages = [] }: BiasAuditOptions,
  { audit, facts }: Compared,
  subject: Subject
): readonly Finding[] {
  const cover = coverOf(audit, { ...facts.source, pins: facts.pins })
  const { images, models, unsearched } = imagesAndModelsOf(subject)
  const registry = registryUrisOf(subject, facts)
  const uris = [...models, ...(registry?.uris ?? [])]
  const supports = supportingImages.map(underPrefix)
  const isSupporting = (image: string) => {
    const reference = canonicalImage(image)
    return reference.kind === 'reference' && supports.some(isUnder => isUnder(reference.reference))
  }
  // The server of a model at a URI is judged by rule `images`, unless its versions are audited too.
  const judged = images.filter(({ value }) =>
    uris.length > 0 ? cover.isVersionOfAudited(value) : !isSupporting(value)
  )
  const findings: Finding[] = []
  const add = (what: 'model' | 'image', found: HiddenValue, covered: Covered) => {
    if (covered === 'covered') return
    findings.push(uncovered({ what, found, covered }, audit, facts.source))
  }
  for (const found of uris) add('model', found, cover.uri(found.value))
  for (const found of judged) add('image', found, cover.image(found.value))
  const hidden = [...unsearched, ...(registry?.malformed ?? [])]
  addUnsearched(findings, hidden, 'a model that the bias audit does not cover')
  return findings
}

interface Uncovered {
  readonly what: 'model' | 'image'
  readonly found: HiddenValue
  readonly covered: Covered
}

function uncovered({ what, found, covered }: Uncovered, audit: BiasAuditSummary, source: Source) {
  const { field, value } = found
  const allowed = describeAudit(audit)
  if (covered === 'sources') {
    const named = what === 'model' ? 'which this URI names' : 'which this image is tagged with'
    const problem = `${sourceProblem(audit)}, ${named}`
    return { field, problem, found: value, allowed, fix: sourceFix(audit, source) }
  }
  const supporting = what === 'model' ? '' : '; supportingImages of the policy excepts sidecars'
  return {
    field,
    problem: `the bias audit does not cover this ${what}`,
    found: value,
    allowed,
    fix: `deploy what was audited, or audit this ${what}: mlgitops audit --path ${source.path} names it in the audit's artifacts${supporting}`
  }
}

function sourceProblem({ modelCommit, modelDigest }: BiasAuditSummary): string {
  if (modelDigest === undefined) {
    return modelCommit === undefined
      ? "the bias audit does not cover the model's sources"
      : "the bias audit does not cover the model's commit"
  }
  return modelCommit === undefined
    ? "the bias audit does not cover the model's files"
    : "the bias audit covers neither the model's commit nor its files"
}

/** An audit cannot name its own commit, which is the model's if the history is not known. */
function sourceFix({ modelCommit, modelDigest }: BiasAuditSummary, source: Source): string {
  const { commit, path } = source
  if (modelDigest !== undefined) {
    return `audit the model at this commit with the digest that mlgitops digest ${path} prints (add --flux for Flux, whose sources lack links, .gitignore, *.png, *.zip and what .sourceignore names)`
  }
  if (modelCommit === undefined) {
    return `audit the model with mlgitops audit --path ${path}, which names the digest of its sources`
  }
  if (source.modelCommit === undefined) {
    return `fetch the whole history (in CI: fetch-depth: 0), or name the digest that mlgitops digest ${path} prints (with --flux for Flux) in the audit`
  }
  const flux = `; for a source without history (Flux), use the digest that mlgitops digest --flux ${path} prints instead of a commit`
  return `audit the model at this commit; a copy of it in another folder needs an audit that names its digest (mlgitops audit --path ${path})${source.modelCommit === commit ? flux : ''}`
}

/** What the sources are, in the terms of the audit. */
function describeSource(audit: BiasAuditSummary, { modelCommit, modelDigest }: Source): string {
  const commit = modelCommit ?? 'none, because the history is too short to know the commit'
  const digest = modelDigest ?? 'none, because the attestation has no digest of the model'
  if (audit.modelDigest === undefined) {
    return audit.modelCommit === undefined ? `${modelCommit ?? 'no commit'} or ${digest}` : commit
  }
  return audit.modelCommit === undefined ? digest : `${modelCommit ?? 'no commit'} or ${digest}`
}

const maxListed = 5

/** What an audit covers, with its model: `s3://models/churn/1.10 and sha256:… (churn 1.10)`. */
function describeAudit({ modelCommit, modelDigest, artifacts = [], model }: BiasAuditSummary) {
  const listed = artifacts
    .slice(0, maxListed)
    .map(({ uri, digest }) => (digest === undefined ? uri : `${uri} with ${digest}`))
  const more = artifacts.length - listed.length
  const names = [
    ...listed,
    ...(more > 0 ? [`${more} more artifacts`] : []),
    modelCommit,
    modelDigest
  ]
  return `${names.filter(name => name !== undefined).join(' and ')} (${model.name} ${model.version})`
}
