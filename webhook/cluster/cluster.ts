import { AccessCheck } from '../../service/kubernetes/access.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import type { Clock } from '../../service/kubernetes/clock.ts'
import { repeatCheck } from '../../service/kubernetes/repeat-check.ts'
import type { Policies, PoliciesObserver } from '../policy/policies.ts'
import type { ServeChoices } from '../serve-options.ts'
import { neededAccess } from './needed-access.ts'

/**
 * Adds a readiness check to the policies of a webhook: whether RBAC allows it what it needs in its cluster.
 */
export function withAccessCheck(
  policies: Policies,
  choices: Pick<ServeChoices, 'policies' | 'certificates'>,
  { client, clock }: { readonly client: ApiClient; readonly clock: Clock }
): Policies {
  const check = new AccessCheck(client, neededAccess(choices))
  let end: () => void = () => undefined
  return {
    sets: () => policies.sets(),
    namespaceLabels: namespace => policies.namespaceLabels(namespace),
    checks: { ...policies.checks, permissions: () => check.notReadyReason() },
    start: (observer: PoliciesObserver) => {
      policies.start(observer)
      end = repeatCheck(check, clock)
    },
    stop: async () => {
      end()
      await policies.stop()
      client.close()
    }
  }
}
