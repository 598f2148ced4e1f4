import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import { readPointer } from '../../evidence/binding/pointer.ts'
import { readTime } from '../../evidence/time.ts'
import type { Finding } from '../decision.ts'
import type { ProvenanceOptions } from '../policy/model-policy.ts'
import { fits } from '../policy/pattern.ts'
import { attestationField } from '../subject/attestation.ts'
import type { Attestation } from '../subject/attestation.ts'
import { bindingFindings } from '../subject/binding.ts'
import type { RuleInput } from './context.ts'
import { compilePodByOwner } from './pod-by-owner.ts'

type Signed = Pick<Extract<Attestation, { kind: 'verified' }>, 'facts' | 'keyId'>

/**
 * Compiles rule `provenance`: a trusted key signed this object, it is as it was rendered, and it was rendered
 * from an allowed source.
 */
export function compileProvenance(
  options: ProvenanceOptions
): (input: RuleInput) => readonly Finding[] {
  const { binds, notBefore } = options
  const allowChanges = (options.allowChanges ?? []).flatMap(text => {
    const pointer = readPointer(text)
    return pointer === undefined ? [] : [pointer]
  })
  const earliest = notBefore === undefined ? undefined : readTime(notBefore)
  const ofPod = compilePodByOwner(options.injectedImages ?? [])
  const originFindings = (signed: Signed) => [
    ...sourceFindings(options, signed),
    ...(earliest === undefined ? [] : ageFindings(signed.facts, earliest)),
    ...forbiddenFindings(signed.facts, options.forbiddenCommits ?? [])
  ]
  return ({ subject, attestation, owner }) => {
    if (owner !== undefined) {
      const { found } = owner
      const origin = found.kind === 'attested' ? originFindings(found.admitted) : []
      return [...ofPod(subject, owner), ...origin]
    }
    if (attestation.kind === 'refused') return attestation.findings
    const { facts } = attestation
    const changes = bindingFindings(subject, facts, { binds, allowChanges })
    return [...changes, ...originFindings(attestation)]
  }
}

function sourceFindings(options: ProvenanceOptions, { facts, keyId }: Signed): readonly Finding[] {
  const compared = [
    { what: 'repository', found: facts.source.repository, allowed: options.repositories },
    { what: 'target revision', found: facts.source.targetRevision, allowed: options.revisions },
    { what: 'application path', found: facts.source.path, allowed: options.paths },
    { what: 'environment', found: facts.environment, allowed: options.environments }
  ]
  const findings = compared.flatMap(each => findingsOf(each, facts))
  if (options.keyIds === undefined || options.keyIds.includes(keyId)) return findings
  return [
    ...findings,
    {
      field: attestationField,
      problem: 'the attestation is signed by a key that this policy does not allow',
      found: keyId,
      allowed: options.keyIds.join(', '),
      fix: 'sign with a key that the policy allows'
    }
  ]
}

interface Compared {
  readonly what: string
  readonly found: string | undefined
  readonly allowed: readonly string[] | undefined
}

function findingsOf({ what, found, allowed }: Compared, { source }: StatedFacts): Finding[] {
  if (allowed === undefined) return []
  if (found !== undefined && allowed.some(pattern => fits(pattern, found))) return []
  return [
    {
      field: attestationField,
      problem: `the ${what} is not allowed`,
      found: found ?? 'nothing',
      allowed: allowed.join(', '),
      fix: `deploy commit ${source.commit} from an allowed ${what}`
    }
  ]
}

function ageFindings({ source }: StatedFacts, earliest: Date): Finding[] {
  const { committedAt, commit } = source
  const allowed = `${earliest.toISOString().replace('.000Z', 'Z')} or later`
  if (committedAt === undefined) {
    const problem = 'the attestation does not say when its commit was committed'
    const fix = 'render from a Git repository, so that the commit has a date'
    return [{ field: attestationField, problem, allowed, fix }]
  }
  if (new Date(committedAt) >= earliest) return []
  const problem = `commit ${commit} was committed too early`
  const fix = 'deploy a later commit'
  return [{ field: attestationField, problem, found: committedAt, allowed, fix }]
}

/** Also an image or a model that is pinned by a commit comes from it. */
function forbiddenFindings(
  { source, pins }: StatedFacts,
  forbidden: readonly string[]
): readonly Finding[] {
  if (forbidden.length === 0) return []
  const commits = [
    { what: 'the rendered commit', commit: source.commit },
    { what: 'the commit of the model', commit: source.modelCommit },
    ...pins.map(({ tag, commit }) => ({ what: `the commit that ${tag} names`, commit }))
  ]
  const seen = new Set<string>()
  return commits.flatMap(({ what, commit }) => {
    if (commit === undefined || seen.has(commit)) return []
    seen.add(commit)
    const id = forbidden.find(each => commit.startsWith(each))
    if (id === undefined) return []
    const problem = `${what} is forbidden by this policy`
    const fix = 'deploy a commit that is not forbidden'
    return [{ field: attestationField, problem, found: commit, allowed: `not ${id}`, fix }]
  })
}
