import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Finding } from '../decision.ts'
import type { ModelPolicy } from '../policy/model-policy.ts'
import type { ReadyPolicy } from '../policy/policy-set.ts'
import { readPolicy } from '../policy/read-policy.ts'

const anyRules = [{ labels: { required: [{ key: 'any' }] } }]

/**
 * What stands in for a policy that cannot be used and never could: each object that it selects violates
 * it, for nobody knows what it would have said. What can be read of it counts: its actions, and what it
 * selects; where they cannot be read it denies, and selects everything.
 */
export function unusablePolicy(object: JsonObject, name: string): ReadyPolicy {
  const spec = member(object, 'spec')
  const given = isJsonObject(spec) ? spec : {}
  const { validationActions = null, matchConstraints = null } = given
  const denying = ['Deny']
  const known =
    tryRead(object, { validationActions, matchConstraints }) ??
    tryRead(object, { validationActions: denying, matchConstraints }) ??
    tryRead(object, { validationActions, matchConstraints: null })
  const { actions, match } = known ?? { actions: ['Deny' as const], match: {} }
  return { name, actions, match, rules: [{ name: 'usable', judge: () => [finding(name)] }] }
}

/** The policy with rules that can be used, where the rest of it can. */
function tryRead(
  object: JsonObject,
  { validationActions, matchConstraints }: Readonly<Record<string, JsonValue>>
): ModelPolicy | undefined {
  const spec = {
    rules: anyRules,
    ...(validationActions !== null && { validationActions }),
    ...(matchConstraints !== null && { matchConstraints })
  } as JsonObject
  try {
    return readPolicy({ ...object, spec }, '')
  } catch {
    return undefined
  }
}

function finding(name: string): Finding {
  return {
    field: 'metadata.name',
    problem: `the policy ${name} selects this object and cannot be used`,
    fix: `ask who keeps the policies: kubectl describe modelpolicy ${name} says what is wrong with it`
  }
}
