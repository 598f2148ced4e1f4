import { AccessCheck } from '../../service/kubernetes/access.ts'
import type { Access } from '../../service/kubernetes/access.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import type { Clock } from '../../service/kubernetes/clock.ts'
import { repeatCheck } from '../../service/kubernetes/repeat-check.ts'
import type { Logger } from '../../service/log.ts'
import type { Policies, PolicySets } from '../policy/policies.ts'

const owners: Readonly<Record<string, readonly string[]>> = {
  apps: ['replicasets', 'deployments', 'statefulsets', 'daemonsets'],
  batch: ['jobs', 'cronjobs'],
  '': ['replicationcontrollers']
}

/** The access to owners of Pods, as in manifests/components/pods-by-owner/owner-access.yaml. */
export const podOwnerAccess: readonly Access[] = Object.entries(owners).flatMap(
  ([group, plurals]) => plurals.map(plural => ({ resource: { group, plural }, verbs: ['get'] }))
)

const component =
  'add manifests/components/pods-by-owner, with which the API server also asks about these Pods'

/** What {@link PodAccess} is built from. */
export interface PodAccessOptions {
  /** Undefined without a cluster. */
  readonly client: ApiClient | undefined
  readonly clock: Pick<Clock, 'sleep' | 'random'>
  readonly logger: Logger
}

/**
 * Tells whether `provenance: {pods: owner}` has an effect. Without its component the API server does not
 * ask about Pods of Kubernetes' controllers, so nothing else would say that it has none. Permissions are
 * asked for from the first policy that needs them on.
 */
export class PodAccess {
  readonly #options: PodAccessOptions
  readonly #changed = new Set<() => void>()
  #end: (() => void) | undefined
  #policies: readonly string[] = []
  #reason: string | undefined
  #warned: string | undefined

  constructor(options: PodAccessOptions) {
    this.#options = options
  }

  /** Why it has no effect; undefined if it has one, or nobody knows yet. */
  reason(): string | undefined {
    return this.#reason
  }

  /** Calls `changed` whenever the reason is another one. */
  subscribe(changed: () => void): void {
    this.#changed.add(changed)
  }

  /** Takes note of the policies in force. */
  use(sets: PolicySets): void {
    this.#policies = [...sets.values()].flatMap(({ policies }) =>
      policies
        .filter(({ rules }) => rules.some(({ judgesPods }) => judgesPods === true))
        .map(({ name }) => name)
    )
    if (this.#policies.length === 0) return
    const { client, clock } = this.#options
    if (client === undefined) {
      this.#tell('this webhook has no cluster to read owners from (--kubeconfig)')
      return
    }
    this.#end ??= repeatCheck(this.#check(client), clock)
    this.#warn()
  }

  stop(): void {
    this.#end?.()
  }

  #check(client: ApiClient): Pick<AccessCheck, 'check'> {
    const access = new AccessCheck(client, podOwnerAccess)
    return {
      check: async () => {
        const isFine = await access.check()
        const reason = access.notReadyReason()
        // A check that failed says nothing about permissions.
        if (isFine) this.#tell(undefined)
        else if (reason?.startsWith('RBAC lacks') === true) this.#tell(`${reason}; ${component}`)
        return isFine
      }
    }
  }

  #tell(reason: string | undefined): void {
    if (reason !== this.#reason) {
      this.#reason = reason
      for (const changed of this.#changed) changed()
    }
    this.#warn()
  }

  #warn(): void {
    const reason = this.#reason
    if (reason === undefined) this.#warned = undefined
    if (reason === undefined || this.#policies.length === 0) return
    const policies = this.#policies.join(' ')
    const warning = `${policies}: ${reason}`
    if (warning === this.#warned) return
    this.#warned = warning
    this.#options.logger.warn('pods: owner has no effect', { policies, reason })
  }
}

/** Policies whose `pods: owner` is followed by `access`. */
export function withPodAccess(policies: Policies, access: PodAccess): Policies {
  return {
    sets: () => policies.sets(),
    namespaceLabels: namespace => policies.namespaceLabels(namespace),
    checks: policies.checks,
    start: observer => {
      policies.start({
        loaded: (sets, refused) => {
          observer.loaded(sets, refused)
          access.use(sets)
        },
        refused: (fault, consequence) => {
          observer.refused(fault, consequence)
        }
      })
    },
    stop: async () => {
      access.stop()
      await policies.stop()
    }
  }
}
