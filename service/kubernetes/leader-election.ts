import { member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import { isApiFault } from './api-fault.ts'
import type { ApiObject } from './api-object.ts'
import type { Clock } from './clock.ts'
import type { Resource } from './resource.ts'

/** Leases of coordination.k8s.io. */
export const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease'
}

/** How a leader is found; the times are client-go's (tools/leaderelection). */
export interface LeaderElectionOptions {
  readonly client: ApiClient
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Ours alone, such as the pod's name. */
  readonly identity: string
  readonly clock: Clock
  /** The time of day, which the Lease tells. */
  readonly now: () => Date
  readonly logger: Logger
}

const leaseMs = 15_000
/** A leader that could not renew for so long is none any more: less than the others wait. */
const renewMs = 10_000
const retryMs = 2_000
const pollMs = 500

/**
 * One of several replicas leads: the one that holds a Lease. Others take it over when it was not renewed
 * for 15 seconds by their own clock.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions
  readonly #end = new AbortController()
  #run: Promise<void> | undefined
  #lease: ApiObject | undefined
  #seenAtMs = 0
  #renewedAtMs: number | undefined
  #failure = ''

  constructor(options: LeaderElectionOptions) {
    this.#options = options
  }

  /** A readiness check: only the leader serves. */
  notReadyReason(): string | undefined {
    return this.isLeader ? undefined : 'another replica leads, or none does yet'
  }

  get isLeader(): boolean {
    if (this.#renewedAtMs === undefined) return false
    return this.#options.clock.nowMs() - this.#renewedAtMs < renewMs
  }

  /**
   * Tries for ever.
   *
   * @param leads is called once, when this replica becomes the leader
   * @param lost is called when it is the leader no more: what it does has to end at once
   */
  start(leads: () => void, lost: () => void): void {
    this.#run ??= this.#loop(leads, lost)
  }

  /** Gives the Lease back, so that another replica need not wait. */
  async stop(): Promise<void> {
    this.#end.abort()
    await this.#run
    if (!this.isLeader || this.#lease === undefined) return
    this.#renewedAtMs = undefined
    await this.#write('').catch(() => undefined)
  }

  async #loop(leads: () => void, lost: () => void): Promise<void> {
    const { clock } = this.#options
    let hasLed = false
    while (!this.#end.signal.aborted) {
      await this.#tryInTime(hasLed)
      if (this.isLeader && !hasLed) {
        hasLed = true
        this.#options.logger.info('this replica leads')
        leads()
      }
      if (!this.isLeader && hasLed && !this.#isEnded()) {
        this.#options.logger.error('this replica leads no more')
        lost()
        return
      }
      await clock.sleep(retryMs * (0.9 + clock.random() * 0.2), this.#end.signal)
    }
  }

  /** Tries once. The API server may take long to answer: a leader waits no longer than it is one. */
  async #tryInTime(hasLed: boolean): Promise<void> {
    const { clock } = this.#options
    const state = { isDone: false }
    const trying = this.#try().finally(() => {
      state.isDone = true
    })
    while (hasLed && !state.isDone && this.isLeader && !this.#isEnded()) {
      await Promise.race([trying, clock.sleep(pollMs, this.#end.signal)])
    }
    if (!hasLed || this.#isEnded()) await trying
  }

  /** Read anew: it may have changed while something was awaited. */
  #isEnded(): boolean {
    return this.#end.signal.aborted
  }

  async #try(): Promise<void> {
    const { client, lease, clock, identity } = this.#options
    try {
      const current = await client.get(leases, lease).catch((error: unknown) => {
        if (isApiFault(error, 'KUBERNETES_NOT_FOUND')) return undefined
        throw error
      })
      if (current?.resourceVersion !== this.#lease?.resourceVersion) this.#seenAtMs = clock.nowMs()
      this.#lease = current
      const holder = stringMember(member(current?.body, 'spec'), 'holderIdentity') ?? ''
      const isOver = clock.nowMs() - this.#seenAtMs > leaseMs
      if (holder !== '' && holder !== identity && !isOver) {
        this.#renewedAtMs = undefined
        return
      }
      const beganAtMs = clock.nowMs()
      await this.#write(identity)
      this.#renewedAtMs = beganAtMs
      this.#failure = ''
    } catch (error) {
      // Another replica was faster; it is looked at again.
      if (!isApiFault(error, 'KUBERNETES_CONFLICT')) this.#warn(error)
    }
  }

  async #write(holder: string): Promise<void> {
    const { client, lease, now } = this.#options
    const last = member(this.#lease?.body, 'spec')
    const isSame = stringMember(last, 'holderIdentity') === holder
    const time = now().toISOString().replace('Z', '000Z')
    const transitions = Number(member(last, 'leaseTransitions') ?? -1)
    const spec: JsonObject = {
      holderIdentity: holder,
      leaseDurationSeconds: leaseMs / 1_000,
      renewTime: time,
      acquireTime: isSame ? (stringMember(last, 'acquireTime') ?? time) : time,
      leaseTransitions: isSame ? transitions : transitions + 1
    }
    if (this.#lease === undefined) {
      const object = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: lease, spec }
      this.#lease = await client.create(leases, lease, object)
    } else this.#lease = await client.replace(leases, lease, { ...this.#lease.body, spec })
    this.#seenAtMs = this.#options.clock.nowMs()
  }

  #warn(error: unknown): void {
    const fields = errorFields(error)
    const failure = String(fields.reason ?? fields.error)
    if (failure !== this.#failure) this.#options.logger.warn('the Lease cannot be had', fields)
    this.#failure = failure
  }
}
