import type { V1Lease } from '@kubernetes/client-node'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import type { ApiClient } from './api-client.ts'
import { isApiFault } from './api-fault.ts'
import type { Clock } from './clock.ts'
import type { Resource } from './resource.ts'

/** Leases of coordination.k8s.io. */
export const leases: Resource = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease'
}

/** How a leader is elected; the times are client-go's (tools/leaderelection). */
export interface LeaderElectionOptions {
  readonly client: ApiClient
  readonly lease: { readonly namespace: string; readonly name: string }
  /** Ours alone, such as the pod's name. */
  readonly identity: string
  readonly clock: Clock
  /** The time of day, for the Lease. */
  readonly now: () => Date
  readonly logger: Logger
}

const leaseMs = 15_000
/** A leader that cannot renew for this time loses leadership: less than the other replicas wait. */
const renewMs = 10_000
const retryMs = 2_000
const pollMs = 500

/**
 * Elects one of several replicas: the holder of a Lease leads. Another replica takes the Lease over when
 * it was not renewed for 15 seconds by that replica's own clock.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions
  readonly #end = new AbortController()
  #run: Promise<void> | undefined
  #lease: V1Lease | undefined
  #seenAtMs = 0
  #renewedAtMs: number | undefined
  #failure = ''

  constructor(options: LeaderElectionOptions) {
    this.#options = options
  }

  /** A readiness check: only the leader serves. */
  notReadyReason(): string | undefined {
    return this.isLeader ? undefined : 'another replica is the leader, or none is yet'
  }

  get isLeader(): boolean {
    if (this.#renewedAtMs === undefined) return false
    return this.#options.clock.nowMs() - this.#renewedAtMs < renewMs
  }

  /**
   * Tries to acquire the Lease until {@link stop}.
   *
   * @param leads is called once, when this replica becomes the leader
   * @param lost is called when it loses leadership: its work has to end at once
   */
  start(leads: () => void, lost: () => void): void {
    this.#run ??= this.#loop(leads, lost)
  }

  /** Releases the Lease, so that another replica need not wait. */
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
        this.#options.logger.info('acquired the Lease')
        leads()
      }
      if (!this.isLeader && hasLed && !this.#isEnded()) {
        this.#options.logger.error('lost leadership')
        lost()
        return
      }
      await clock.sleep(retryMs * (0.9 + clock.random() * 0.2), this.#end.signal)
    }
  }

  /** Tries once. The API server may take long to answer: a leader waits only while it leads. */
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

  /** Reads the signal again: it may have changed during an await. */
  #isEnded(): boolean {
    return this.#end.signal.aborted
  }

  async #try(): Promise<void> {
    const { client, lease, clock, identity } = this.#options
    try {
      const current = await client.coordination
        .readNamespacedLease(lease)
        .catch((error: unknown) => {
          if (isApiFault(error, 'KUBERNETES_NOT_FOUND')) return undefined
          throw error
        })
      if (versionOf(current) !== versionOf(this.#lease)) this.#seenAtMs = clock.nowMs()
      this.#lease = current
      const holder = current?.spec?.holderIdentity ?? ''
      const isOver = clock.nowMs() - this.#seenAtMs > leaseMs
      if (holder !== '' && holder !== identity && !isOver) {
        this.#renewedAtMs = undefined
        return
      }
      const startedAtMs = clock.nowMs()
      await this.#write(identity)
      this.#renewedAtMs = startedAtMs
      this.#failure = ''
    } catch (error) {
      // Another replica was faster; the next attempt reads its Lease.
      if (!isApiFault(error, 'KUBERNETES_CONFLICT')) this.#warn(error)
    }
  }

  async #write(holder: string): Promise<void> {
    const { client, lease, now } = this.#options
    const last = this.#lease?.spec
    const isSame = last?.holderIdentity === holder
    const time = client.microTime(now())
    const transitions = last?.leaseTransitions ?? -1
    const spec = {
      ...last,
      holderIdentity: holder,
      leaseDurationSeconds: leaseMs / 1_000,
      renewTime: time,
      acquireTime: isSame ? (last.acquireTime ?? time) : time,
      leaseTransitions: isSame ? transitions : transitions + 1
    }
    const body = { ...this.#lease, metadata: this.#lease?.metadata ?? lease, spec }
    const { namespace } = lease
    this.#lease = await (this.#lease === undefined
      ? client.coordination.createNamespacedLease({ namespace, body })
      : client.coordination.replaceNamespacedLease({ ...lease, body }))
    this.#seenAtMs = this.#options.clock.nowMs()
  }

  #warn(error: unknown): void {
    const fields = errorFields(error)
    const failure = String(fields.reason ?? fields.error)
    if (failure !== this.#failure) this.#options.logger.warn('cannot acquire the Lease', fields)
    this.#failure = failure
  }
}

function versionOf(lease: V1Lease | undefined): string | undefined {
  return lease?.metadata?.resourceVersion
}
