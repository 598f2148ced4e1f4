import type { ChildProcess } from 'node:child_process'
import { Fault } from '../../common/fault.ts'
import type { CelOptions } from '../policy/model-policy.ts'
import type { CelEvaluator, CelAnswer } from './evaluator.ts'
import { startEvaluator } from './evaluator-process.ts'
import type { CelBindings } from './program.ts'
import { EvaluatorChild } from './evaluator-child.ts'
import type { Job } from './evaluator-child.ts'

/** How a pool works. */
export interface PoolOptions {
  /** Processes; one that is stopped leaves the others to go on. */
  readonly size: number
  /** For all the expressions of one review. */
  readonly limitMs: number
  /** Told when a process is gone that was not asked to. */
  readonly ended?: (reason: string) => void
  readonly start?: () => ChildProcess
}

interface Waiting {
  readonly job: Job
  readonly limitMs: number
  readonly timer: NodeJS.Timeout
}

/**
 * Milliseconds for all the expressions of one review, by default: about what Kubernetes' cost budget
 * allows the expressions of one policy (apiserver pkg/apis/cel/config.go, PerPolicyBudget).
 */
export const defaultLimitMs = 1_000

const maxWaiting = 256
const unhurriedMs = 30_000
/** Kept from a review's time to send its answer. */
const answerMs = 50
/** With less of its time left, a review would be denied for the server's slowness. */
const minLimitMs = 50

/**
 * Evaluates in processes of its own, one review at a time in each. A process whose time is up is
 * killed and replaced: an expression that runs for ever costs its own review and nothing else.
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
   * Half of the time that is left is kept for the evaluation, which begins with all of it or not at
   * all: taking longer is the expression's doing, having to wait the server's.
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

  /** Ends the processes, for good. What waits or is evaluated fails. */
  close(): void {
    this.#isClosed = true
    for (const child of this.#children) child.close()
    this.#failWaiting('the evaluation was stopped')
  }

  /** Gives what waits longest to a process that is free, and starts one if there may be more. */
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
        // One that did not even start, or died at rest, is not started again before it is needed.
        if (was === 'busy') this.warm()
        else if (this.#children.size === 0) this.#failWaiting('the evaluator cannot be started')
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
  return new Fault('CEL_BUSY', 'no evaluator of expressions became free in time')
}
