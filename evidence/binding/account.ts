import { stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { Place } from './place.ts'

/**
 * Whether a place is the name of an account, and the account is the rendered one. A pod spec has it
 * twice, and the API server sets the one from the other (SetDefaults_PodSpec); without a name the
 * account `default` runs the pods.
 */
export function isSameAccount({ key, parent, found }: Place): boolean {
  if (key !== 'serviceAccountName' && key !== 'serviceAccount') return false
  const account = accountOf(parent?.rendered)
  if (accountOf(parent?.found) !== account) return false
  return found === undefined || found === null || found === '' || found === account
}

function accountOf(spec: JsonValue | undefined): string {
  const names = [stringMember(spec, 'serviceAccountName'), stringMember(spec, 'serviceAccount')]
  return names.find(name => name !== undefined && name !== '') ?? 'default'
}
