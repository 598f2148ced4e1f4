import { canHold } from '../../evidence/workload/inspect.ts'
import type { RegistryUris } from '../../evidence/workload/registry.ts'
import type { Finding } from '../decision.ts'
import { isNamedKind } from '../policy/match.ts'
import type { MatchConstraints, Rule } from '../policy/model-policy.ts'
import { factsOf } from '../subject/attestation.ts'
import { registryUrisOf } from '../subject/registry-uris.ts'
import type { RuleInput } from './context.ts'

/** The rules that judge fields of the workload table, and what they look for. */
const judgedFields: Partial<Record<Rule['type'], 'image' | 'model'>> = {
  images: 'image',
  resources: 'image',
  artifacts: 'model'
}

const sign =
  'name the kind and the fields of its model URIs under kinds in mlgitops.yaml, and sign it; or remove the kind from the policy'
const remove =
  'remove the kind from the policy: docs/workloads.md lists the kinds that run containers and load models'

/**
 * Reports that a policy names a kind in which its rule finds no field to judge, so that "nothing was
 * denied" does not stand for "nothing was judged". A kind that the table knows, and a registry entry in a
 * rule about containers, has nothing to judge: a warning. An unknown kind can hold anything: a violation.
 */
export function unjudgedFinding(
  type: Rule['type'],
  match: MatchConstraints,
  { subject, attestation }: RuleInput
): Finding | undefined {
  const what = judgedFields[type]
  if (what === undefined || !isNamedKind(match, subject)) return undefined
  const { workload, object, identity } = subject
  if (workload !== undefined && canHold(object, what)) return undefined
  const entry = registryUrisOf(subject, factsOf(attestation))
  if (what === 'model' && hasUri(entry)) return undefined
  const isKnown = workload !== undefined || (entry !== undefined && what === 'image')
  return {
    field: identity.kind,
    problem: `the policy names this kind, and rule ${type} finds no field to judge in it`,
    fix: what === 'model' && !isKnown ? sign : remove,
    ...(isKnown ? { isOnlyWarning: true } : {})
  }
}

function hasUri(entry: RegistryUris | undefined): boolean {
  return entry !== undefined && entry.uris.length + entry.malformed.length > 0
}
