import { ambiguityOf } from '../../evidence/model-uri.ts'
import type { Finding } from '../decision.ts'
import type { ArtifactsOptions } from '../policy/model-policy.ts'
import { imagesAndModelsOf } from '../subject/images-and-models.ts'
import { factsOf } from '../subject/attestation.ts'
import { registryUrisOf } from '../subject/registry-uris.ts'
import type { RuleInput } from './context.ts'
import { addUnsearched } from './unsearched.ts'

/** Rule `artifacts`: every model is under an allowed location. */
export function judgeArtifacts(
  { locations, hidden }: ArtifactsOptions,
  { subject, attestation }: RuleInput
): readonly Finding[] {
  const { models, unsearched, code } = imagesAndModelsOf(subject)
  const registry = registryUrisOf(subject, factsOf(attestation))
  const findings: Finding[] = []
  for (const model of [...models, ...(registry?.uris ?? [])]) {
    const problem = problemOf(model.value, locations)
    if (problem === undefined) continue
    const allowed = locations.join(', ')
    const fix = 'publish the model to an allowed location'
    findings.push({ field: model.field, problem, found: model.value, allowed, fix })
  }
  addUnsearched(findings, registry?.malformed ?? [], 'a model')
  if (hidden === 'Deny') {
    addUnsearched(findings, unsearched, 'a model')
    if (attestation.kind !== 'verified') addUnsearched(findings, code, 'a model', sign)
  }
  return findings
}

const sign = 'deploy the object that mlgitops rendered and signed, or ask for a PolicyException'

/** True when a location can be matched: a scheme and whole path segments, nothing to resolve. */
export function isLocation(location: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(location) && ambiguityOf(location) === undefined
}

function problemOf(uri: string, locations: readonly string[]): string | undefined {
  const ambiguous = ambiguityOf(uri)
  if (ambiguous !== undefined)
    return `the model's location cannot be judged: it contains ${ambiguous}`
  const isAllowed = locations.some(location => isUnder(normalise(uri), normalise(location)))
  return isAllowed ? undefined : 'the model comes from a location that is not allowed'
}

function isUnder(uri: string, location: string): boolean {
  const prefix = location.endsWith('://') ? location : location.replace(/\/+$/, '')
  if (prefix.endsWith('://')) return uri.startsWith(prefix)
  return uri === prefix || uri.startsWith(`${prefix}/`)
}

/** Returns the URI with its scheme in lower case. Text without a scheme is unchanged, and under no location. */
function normalise(uri: string): string {
  return uri.replace(/^[a-z][a-z0-9+.-]*:\/\//i, scheme => scheme.toLowerCase())
}
