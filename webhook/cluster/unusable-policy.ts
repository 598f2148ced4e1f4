import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { Finding } from '../decision.ts'
import type { ModelPolicy } from '../policy/model-policy.ts'
import { everything } from '../unchanged/looks-at.ts'
import type { ReadyPolicy } from '../policy/policy-set.ts'
import { readPolicy } from '../policy/read-policy.ts'

const anyRules = [{ labels: { required: [{ key: 'any' }] } }]

/**
 * Replaces a policy that was never valid: every object that it selects violates it, because its rules
 * are unknown. Its actions and its selection are used if they are valid; otherwise it denies, and
 * selects everything.
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
  const judge = () => [finding(name)]
  return {
    name,
    actions,
    match,
    rules: [{ name: 'usable', type: 'schema', judge, looksAt: everything }]
  }
}

/** Reads the policy with placeholder rules; undefined when the rest of it is invalid too. */
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
    problem: `the policy ${name} selects this object and is invalid`,
    fix: `ask the owner of the policy to fix it: kubectl describe modelpolicy ${name} shows the error`
  }
}
