import type { ChildProcess } from 'node:child_process'
import type { CelAnswer } from './evaluator.ts'
import type { EvaluationMessage, EvaluationRequest } from './evaluator-process.ts'

/** One request to an evaluator process. */
export interface Job extends EvaluationRequest {
  /** Called once, with an answer for each rule. */
  readonly settle: (answers: readonly CelAnswer[]) => void
}

/** What a child was doing when its process ended. */
type State = 'starting' | 'free' | 'busy'

/** Events of a child, for its pool. */
export interface EvaluatorChildEvents {
  /** It can take a job. */
  readonly free: () => void
  /** Its process has ended; the child cannot be used any more. */
  readonly gone: (end: {
    readonly child: EvaluatorChild
    readonly was: State
    readonly reason: string
  }) => void
}

const maxStartMs = 10_000
const skipped =
  'the expressions were not evaluated because the evaluation of another rule was stopped'
const died = 'the evaluator process died, probably because the expressions need too much memory'

/** One evaluator process and its current job. */
export class EvaluatorChild {
  readonly #process: ChildProcess
  readonly #events: EvaluatorChildEvents
  #state: State | 'gone' = 'starting'
  #job: Job | undefined
  #answers: CelAnswer[] = []
  #timer: NodeJS.Timeout

  constructor(childProcess: ChildProcess, events: EvaluatorChildEvents) {
    this.#process = childProcess
    this.#events = events
    this.#timer = setTimeout(() => {
      this.#end('the evaluator process did not start in time')
    }, maxStartMs)
    childProcess.on('message', message => {
      this.#take(message as EvaluationMessage)
    })
    childProcess.on('error', () => {
      this.#end('the evaluator process failed')
    })
    childProcess.on('exit', () => {
      this.#end(died)
    })
  }

  /** True when it can take a job. */
  get isFree(): boolean {
    return this.#state === 'free'
  }

  /** Starts a job. The process is killed if it does not answer within `limitMs`. */
  run(job: Job, limitMs: number): void {
    this.#state = 'busy'
    this.#job = job
    this.#answers = []
    this.#timer = setTimeout(() => {
      // An answer may have arrived already and wait behind this timer.
      setImmediate(() => {
        if (this.#job === job) this.#end(`the expressions took longer than ${limitMs} ms`)
      })
    }, limitMs)
    const { rules, bindings } = job
    try {
      this.#process.send({ rules, bindings } satisfies EvaluationRequest)
    } catch {
      this.#end('the object cannot be sent to the evaluator process')
    }
  }

  /** Kills the process; its current job fails. */
  close(): void {
    this.#end('the evaluation was stopped')
  }

  #take(message: EvaluationMessage): void {
    if (this.#state === 'gone') return
    if (message !== 'ready') {
      this.#answers.push({ kind: 'judged', findings: message })
      if (this.#answers.length < (this.#job?.rules.length ?? 0)) return
    }
    clearTimeout(this.#timer)
    this.#state = 'free'
    this.#settle()
    this.#events.free()
  }

  #end(reason: string): void {
    const was = this.#state
    if (was === 'gone') return
    this.#state = 'gone'
    clearTimeout(this.#timer)
    this.#process.kill('SIGKILL')
    this.#settle(reason)
    this.#events.gone({ child: this, was, reason })
  }

  #settle(reason = ''): void {
    const job = this.#job
    if (job === undefined) return
    this.#job = undefined
    const given = this.#answers
    job.settle(
      job.rules.map(
        (_, index) =>
          given[index] ?? { kind: 'failed', reason: index === given.length ? reason : skipped }
      )
    )
  }
}
