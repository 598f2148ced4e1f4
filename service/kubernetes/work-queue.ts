import { pauseMs } from './clock.ts'
import type { Clock } from './clock.ts'

/** The longest timer of Node: 24 days. A longer one would end at once. */
const longestMs = 2 ** 31 - 1

/** What a queue does with its keys. */
export interface WorkQueueOptions {
  /** How many keys are reconciled at a time. */
  readonly concurrency: number
  /**
   * Reconciles a key. @returns after how many milliseconds to do it again; undefined: when it is added
   * again
   */
  readonly work: (key: string, signal: AbortSignal) => Promise<number | undefined>
  /** Is called with what `work` threw, before the retry. */
  readonly failed: (key: string, error: unknown) => void
  readonly clock: Clock
}

/** Counts for metrics. */
export interface WorkQueueCounts {
  readonly done: number
  readonly failed: number
}

/**
 * Reconciles keys: never the same one twice at a time, and again if it was added meanwhile. A failure is
 * retried with growing pauses; a key that is added does not wait for its pause.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  /** In the order in which they were added. */
  readonly #waiting = new Set<string>()
  readonly #running = new Map<string, Promise<void>>()
  readonly #failures = new Map<string, number>()
  readonly #timers = new Map<string, NodeJS.Timeout>()
  readonly #end = new AbortController()
  #isStarted = false
  #counts = { done: 0, failed: 0 }

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  get counts(): WorkQueueCounts {
    return this.#counts
  }

  /** Keys that wait to be reconciled now. */
  get length(): number {
    return this.#waiting.size
  }

  get isIdle(): boolean {
    return this.#waiting.size === 0 && this.#running.size === 0
  }

  /** Reconciles a key as soon as there is room. */
  add(key: string): void {
    if (this.#end.signal.aborted) return
    clearTimeout(this.#timers.get(key))
    this.#timers.delete(key)
    this.#waiting.add(key)
    if (this.#isStarted) this.#fill()
  }

  start(): void {
    this.#isStarted = true
    this.#fill()
  }

  /** Starts nothing more, aborts what runs, and waits for it. */
  async stop(): Promise<void> {
    this.#end.abort()
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
    this.#waiting.clear()
    await Promise.all(this.#running.values())
  }

  #fill(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return
      if (this.#running.has(key)) continue
      this.#waiting.delete(key)
      this.#running.set(key, this.#run(key))
    }
  }

  async #run(key: string): Promise<void> {
    const { work, failed, clock } = this.#options
    let againMs: number | undefined
    try {
      againMs = await work(key, this.#end.signal)
      this.#failures.delete(key)
      this.#counts.done += 1
    } catch (error) {
      const failures = (this.#failures.get(key) ?? 0) + 1
      this.#failures.set(key, failures)
      this.#counts.failed += 1
      if (!this.#end.signal.aborted) failed(key, error)
      againMs = pauseMs(failures, clock.random)
    }
    this.#running.delete(key)
    if (this.#end.signal.aborted) return
    if (againMs !== undefined && !this.#waiting.has(key)) this.#addLater(key, againMs)
    this.#fill()
  }

  #addLater(key: string, ms: number): void {
    const timer = setTimeout(
      () => {
        this.add(key)
      },
      Math.min(ms, longestMs)
    )
    timer.unref()
    this.#timers.set(key, timer)
  }
}
