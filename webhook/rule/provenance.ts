import type { StatedFacts } from '../../evidence/attestation/decode-statement.ts'
import type { Finding } from '../decision.ts'
import type { ProvenanceOptions } from '../policy/model-policy.ts'
import { fits } from '../policy/pattern.ts'
import { attestationField } from '../subject/attestation.ts'
import type { RuleInput } from './context.ts'

/** Rule `provenance`: a trusted key signed this object, and it was rendered from an allowed source. */
export function judgeProvenance(
  options: ProvenanceOptions,
  { attestation }: RuleInput
): readonly Finding[] {
  if (attestation.kind === 'refused') return attestation.findings
  const { facts, keyId } = attestation
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
