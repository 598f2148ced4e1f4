import type { ChildProcess } from 'node:child_process'
import { Fault } from '../../common/fault.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import type { CelEvaluator, CelAnswer } from './evaluator.ts'
import { startEvaluator } from './evaluator-process.ts'
import type { CelBindings } from './program.ts'
import { EvaluatorChild } from './evaluator-child.ts'
import type { Job } from './evaluator-child.ts'

/** Settings of a pool. */
export interface PoolOptions {
  /** Number of processes. When one is killed, the others keep running. */
  readonly size: number
  /** Time for all expressions of one review. */
  readonly limitMs: number
  /** Called when a process ends that the pool did not close. */
  readonly ended?: (reason: string) => void
  readonly start?: () => ChildProcess
}

interface Waiting {
  readonly job: Job
  readonly limitMs: number
  readonly timer: NodeJS.Timeout
}

/**
 * Default time for all expressions of one review: about what Kubernetes' cost budget allows the
 * expressions of one policy (apiserver pkg/apis/cel/config.go, PerPolicyBudget).
 */
export const defaultLimitMs = 1_000

const maxWaiting = 256
const unhurriedMs = 30_000
/** Reserved from a review's time for sending the answer. */
const answerMs = 50
/** With less time left, a review would be denied because the server is slow. */
const minLimitMs = 50

/**
 * Evaluates CEL in child processes, one review at a time in each. A process that exceeds its time is
 * killed and replaced, so an endless expression fails its own review only.
 */
export class EvaluatorPool implements CelEvaluator {
  readonly #options: PoolOptions
  readonly #children = new Set<EvaluatorChild>()
  readonly #waiting: Waiting[] = []
  #isClosed = false

  constructor(options: PoolOptions) {
    this.#options = options
  }

  /** Starts the processes before they are needed. */
  warm(): void {
    while (!this.#isClosed && this.#children.size < this.#options.size) this.#open()
  }

  /**
   * Half of the remaining time is reserved for the evaluation, which starts with all of it or not at
   * all: a slow expression fails its review, a busy server does not.
   */
  async evaluate(
    rules: readonly CelOptions[],
    bindings: CelBindings,
    timeLeftMs = unhurriedMs
  ): Promise<readonly CelAnswer[]> {
    const budgetMs = timeLeftMs - answerMs
    const limitMs = Math.min(this.#options.limitMs, Math.floor(budgetMs / 2))
    const isTooLate = budgetMs / 2 < minLimitMs
    if (this.#isClosed || isTooLate || this.#waiting.length >= maxWaiting) throw busy()
    return new Promise((settle, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        reject(busy())
      }, budgetMs - limitMs)
      const waiting = { job: { rules, bindings, settle }, limitMs, timer }
      this.#waiting.push(waiting)
      this.#next()
    })
  }

  /** Kills the processes for good. Waiting and running evaluations fail. */
  close(): void {
    this.#isClosed = true
    for (const child of this.#children) child.close()
    this.#failWaiting('the evaluation was stopped')
  }

  /** Gives the oldest waiting job to a free process, and starts a process if the pool is not full. */
  #next(): void {
    for (const child of this.#children) {
      if (!child.isFree) continue
      const waiting = this.#waiting.shift()
      if (waiting === undefined) return
      clearTimeout(waiting.timer)
      child.run(waiting.job, waiting.limitMs)
    }
    if (this.#waiting.length > 0 && this.#children.size < this.#options.size) this.#open()
  }

  #open(): void {
    const { start = startEvaluator } = this.#options
    const child = new EvaluatorChild(start(), {
      free: () => {
        this.#next()
      },
      gone: ({ child, was, reason }) => {
        this.#children.delete(child)
        if (this.#isClosed) return
        this.#options.ended?.(reason)
        // A process that failed to start, or died while idle, is replaced only when it is needed.
        if (was === 'busy') this.warm()
        else if (this.#children.size === 0)
          this.#failWaiting('the evaluator process cannot be started')
      }
    })
    this.#children.add(child)
  }

  #failWaiting(reason: string): void {
    for (const { job, timer } of this.#waiting.splice(0)) {
      clearTimeout(timer)
      job.settle(job.rules.map(() => ({ kind: 'failed', reason })))
    }
  }
}

function busy(): Fault {
  return new Fault('CEL_BUSY', 'no CEL evaluator became free in time')
}
