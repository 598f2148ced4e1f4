import { Informer } from '../../service/kubernetes/informer.ts'
import type { InformerTimes } from '../../service/kubernetes/informer.ts'
import type { ApiClient } from '../../service/kubernetes/api-client.ts'
import type { Clock } from '../../service/kubernetes/clock.ts'
import { saysAlready, writeCondition } from '../../service/kubernetes/condition.ts'
import type { Condition } from '../../service/kubernetes/condition.ts'
import { StatusWriter } from '../../service/kubernetes/status-writer.ts'
import type { ApiObject } from '../../service/kubernetes/api-object.ts'
import { member } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import type { Resource } from '../../service/kubernetes/resource.ts'
import type { Logger } from '../../service/log.ts'
import { labelsOf } from '../policy/label-selector.ts'
import type { Labels } from '../policy/label-selector.ts'
import type { Policies, PoliciesObserver, PolicySets } from '../policy/policies.ts'
import type { PolicySet, ReadyPolicy } from '../policy/policy-set.ts'
import { readExceptions } from './exception-readings.ts'
import type { PodAccess } from './pod-access.ts'
import { PolicyBook } from './policy-book.ts'
import type { PolicyReading } from './policy-book.ts'
import { exceptionCondition, policyCondition } from './ready-condition.ts'
import { modelPolicies, namespaces, policyExceptions } from './resources.ts'

/** What it takes to read the policies of a cluster. */
export interface ClusterPoliciesOptions {
  readonly client: ApiClient
  /** Namespaces whose exceptions are accepted. */
  readonly exceptionNamespaces: readonly string[]
  readonly clock: Clock
  readonly now: () => Date
  readonly logger: Logger
  readonly times?: InformerTimes
  /** Whether `pods: owner` has an effect. */
  readonly podAccess?: Pick<PodAccess, 'reason' | 'subscribe'>
}

const fieldManager = 'mlgitops-webhook'
/** Exceptions expire without a watch event. */
const expiryMs = 60_000

/** The ModelPolicies and PolicyExceptions of a cluster, and the labels of its namespaces. */
export class ClusterPolicies implements Policies {
  readonly informers: readonly Informer[]
  readonly checks: Policies['checks']
  readonly #options: ClusterPoliciesOptions
  readonly #policies: Informer
  readonly #exceptions: Informer
  readonly #namespaces: Informer
  readonly #policyStatus: StatusWriter
  readonly #exceptionStatus: StatusWriter
  readonly #book = new PolicyBook()
  #sets: PolicySets = new Map()
  #readings: readonly PolicyReading[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: ClusterPoliciesOptions) {
    this.#options = options
    this.#policies = this.#informer(modelPolicies)
    this.#exceptions = this.#informer(policyExceptions)
    this.#namespaces = this.#informer(namespaces, true)
    this.informers = [this.#policies, this.#exceptions, this.#namespaces]
    this.#policyStatus = this.#writer(modelPolicies, this.#policies)
    this.#exceptionStatus = this.#writer(policyExceptions, this.#exceptions)
    this.checks = {
      policies: () =>
        this.#policies.notReadyReason() ??
        (this.#isSynced && this.#sets.size === 0
          ? 'no ModelPolicy exists; without one, every object would be admitted'
          : undefined),
      exceptions: () => this.#exceptions.notReadyReason(),
      namespaces: () => this.#namespaces.notReadyReason()
    }
  }

  sets(): PolicySets | undefined {
    return this.#isSynced ? this.#sets : undefined
  }

  namespaceLabels(namespace: string): Labels | undefined {
    const object = this.#namespaces.get('', namespace)
    return object === undefined ? undefined : labelsOf(object.body)
  }

  start(observer: PoliciesObserver): void {
    this.#options.podAccess?.subscribe(() => {
      this.#writePolicyStatuses()
    })
    let isBuilt = false
    for (const informer of this.informers) {
      informer.subscribe(() => {
        if (!this.#isSynced || (isBuilt && informer === this.#namespaces)) return
        isBuilt = true
        this.#rebuild(observer)
      })
      informer.start()
    }
    this.#timer = setInterval(() => {
      if (this.#isSynced) this.#updateExceptions()
    }, expiryMs)
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    const running = [...this.informers, this.#policyStatus, this.#exceptionStatus]
    await Promise.all(running.map(each => each.stop()))
  }

  get #isSynced(): boolean {
    return this.informers.every(({ isSynced }) => isSynced)
  }

  #rebuild(observer: PoliciesObserver): void {
    const readings = this.#book.read(this.#policies.list(), (fault, consequence) => {
      observer.refused(fault, consequence)
    })
    const exceptions = this.#updateExceptions()
    const bySet = Map.groupBy(readings, ({ set }) => set)
    const setOf = (policies: readonly ReadyPolicy[]): PolicySet => ({ policies, exceptions })
    this.#sets = new Map(
      [...bySet].map(([name, each]) => [name, setOf(each.map(({ policy }) => policy))])
    )
    this.#readings = readings
    this.#writePolicyStatuses()
    observer.loaded(this.#sets, readings.filter(({ fault }) => fault !== undefined).length)
  }

  #writePolicyStatuses(): void {
    const podReason = this.#options.podAccess?.reason()
    for (const reading of this.#readings) {
      this.#policyStatus.want(reading.object, current =>
        this.#status(current, policyCondition(reading, podReason))
      )
    }
  }

  /** Writes the status of all exceptions. @returns the accepted ones */
  #updateExceptions() {
    const readings = readExceptions(this.#exceptions.list(), this.#options.exceptionNamespaces)
    for (const reading of readings) {
      this.#exceptionStatus.want(reading.object, current =>
        this.#status(current, exceptionCondition(reading, this.#options.now()))
      )
    }
    return readings.flatMap(reading => (reading.kind === 'accepted' ? [reading.exception] : []))
  }

  #status({ body, generation }: ApiObject, condition: Condition): JsonObject | undefined {
    const conditions = member(member(body, 'status'), 'conditions')
    const { observedGeneration } = condition
    // A newer version is already known; its own status will be written.
    if ((generation ?? 0) !== observedGeneration) return undefined
    if (saysAlready(condition, conditions)) return undefined
    const written = writeCondition(condition, conditions, this.#options.now())
    return { observedGeneration, conditions: [written] }
  }

  #informer(resource: Resource, isMetadataOnly = false): Informer {
    const { client, clock, logger, times } = this.#options
    const selection = { isMetadataOnly }
    return new Informer({ client, resource, selection, clock, logger, ...(times && { times }) })
  }

  #writer(resource: Resource, informer: Informer): StatusWriter {
    const { client, clock, logger } = this.#options
    const current = (namespace: string, name: string) => informer.get(namespace, name)
    return new StatusWriter({ client, resource, fieldManager, current, clock, logger })
  }
}
