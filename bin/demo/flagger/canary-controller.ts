import type { HookPayload, HookResult, Webhook } from './client.ts'

/** The part of a Canary that a progressive rollout needs. */
export interface CanarySpec {
  readonly namespace: string
  readonly name: string
  readonly stepWeight: number
  readonly maxWeight: number
  /** Failed checks, summed over the run, at which it is rolled back. */
  readonly threshold: number
  readonly webhooks: readonly Webhook[]
}

/** Phases of a Canary's status. */
export type Phase =
  'Initialized' | 'Waiting' | 'Progressing' | 'WaitingPromotion' | 'Succeeded' | 'Failed'

/** Calls one webhook. */
export type CallWebhook = (webhook: Webhook, payload: HookPayload) => Promise<HookResult>

/**
 * Flagger's control loop for a weighted canary, without a cluster: which hooks it calls, in which order,
 * and what it makes of their results (Flagger's pkg/controller/scheduler.go).
 */
export class CanaryController {
  readonly spec: CanarySpec
  readonly #call: CallWebhook
  phase: Phase = 'Initialized'
  /** Share of requests that the canary gets, in percent. */
  weight = 0
  failedChecks = 0
  /** The texts of Kubernetes events. */
  readonly events: string[] = []
  #checksum = ''
  #wanted: string | undefined

  constructor(spec: CanarySpec, call: CallWebhook) {
    this.spec = spec
    this.#call = call
  }

  /** Starts a rollout of another version at the next tick. */
  deploy(checksum: string): void {
    this.#wanted = checksum
  }

  get isOver(): boolean {
    return this.#wanted === undefined && (this.phase === 'Succeeded' || this.phase === 'Failed')
  }

  /** Runs one interval. */
  async tick(): Promise<void> {
    if (this.#wanted !== undefined) {
      await this.#start(this.#wanted)
      return
    }
    if (this.phase !== 'Progressing' && this.phase !== 'WaitingPromotion') return
    if (await this.#isRollbackWanted()) {
      await this.#rollBack()
      return
    }
    if (!(await this.#isAnalysisPassed())) return
    if (this.phase === 'Progressing' && !(await this.#isIncreaseConfirmed())) return
    if (this.weight < this.spec.maxWeight) {
      this.weight = Math.min(this.spec.maxWeight, this.weight + this.spec.stepWeight)
      await this.#record(`Advance ${this.#title} canary weight ${this.weight}`)
      return
    }
    await this.#promote()
  }

  async #start(checksum: string): Promise<void> {
    const confirmed = await this.#all('confirm-rollout', this.phase)
    if (!confirmed.isPassed) {
      this.phase = 'Waiting'
      return
    }
    await this.#record(`New revision detected! Scaling up ${this.#title}`)
    this.#wanted = undefined
    this.#checksum = checksum
    this.phase = 'Progressing'
    this.weight = 0
    this.failedChecks = 0
  }

  /** Whether a rollback hook answered 200, or the threshold is reached. */
  async #isRollbackWanted(): Promise<boolean> {
    for (const webhook of this.#hooks('rollback')) {
      const { isPassed } = await this.#call(webhook, this.#payload(this.phase, webhook.metadata))
      if (!isPassed) continue
      await this.#record(`Rolling back ${this.#title} manual webhook invoked`)
      return true
    }
    return this.failedChecks >= this.spec.threshold
  }

  async #isAnalysisPassed(): Promise<boolean> {
    const isFirst = this.weight === 0
    const result = await this.#all(isFirst ? 'pre-rollout' : 'rollout', 'Progressing')
    if (result.isPassed) return true
    this.failedChecks += 1
    await this.#record(
      isFirst
        ? `Halt ${this.#title} advancement pre-rollout check ${result.name} failed ${result.text}`
        : `Halt ${this.#title} advancement external check ${result.name} failed ${result.text}`
    )
    return false
  }

  async #isIncreaseConfirmed(): Promise<boolean> {
    const { isPassed } = await this.#all('confirm-traffic-increase', 'Progressing')
    return isPassed
  }

  async #promote(): Promise<void> {
    const { isPassed } = await this.#all('confirm-promotion', 'Progressing')
    if (!isPassed) {
      this.phase = 'WaitingPromotion'
      return
    }
    this.phase = 'Succeeded'
    this.weight = 0
    await this.#record(`Promotion completed! Scaling down ${this.#title}`)
    await this.#settle()
  }

  async #rollBack(): Promise<void> {
    this.phase = 'Failed'
    this.weight = 0
    await this.#record(`Canary failed! Scaling down ${this.#title}`)
    await this.#settle()
  }

  /** A failure of the hook is recorded and changes nothing. */
  async #settle(): Promise<void> {
    const { isPassed, name, text } = await this.#all('post-rollout', this.phase)
    if (!isPassed) await this.#record(`Post-rollout hook ${name} failed ${text}`)
  }

  /** Calls the hooks of a type in order until one fails. */
  async #all(type: string, phase: Phase): Promise<HookResult & { readonly name: string }> {
    for (const webhook of this.#hooks(type)) {
      const result = await this.#call(webhook, this.#payload(phase, webhook.metadata))
      if (!result.isPassed) return { ...result, name: webhook.name }
    }
    return { isPassed: true, text: '', name: '' }
  }

  async #record(eventMessage: string): Promise<void> {
    this.events.push(eventMessage)
    for (const webhook of this.#hooks('event')) {
      const event = { eventMessage, eventType: 'Normal', timestamp: '0' }
      await this.#call(webhook, this.#payload(this.phase, { ...webhook.metadata, ...event }))
    }
  }

  #hooks(type: string): readonly Webhook[] {
    return this.spec.webhooks.filter(webhook => webhook.type === type)
  }

  #payload(phase: Phase, metadata: Readonly<Record<string, string>> | undefined): HookPayload {
    const { name, namespace } = this.spec
    const payload = { name, namespace, phase, checksum: this.#checksum }
    return metadata === undefined ? payload : { ...payload, metadata }
  }

  get #title(): string {
    return `${this.spec.name}.${this.spec.namespace}`
  }
}
