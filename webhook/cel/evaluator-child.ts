import type { ChildProcess } from 'node:child_process'
import type { CelAnswer } from './evaluator.ts'
import type { EvaluationMessage, EvaluationRequest } from './evaluator-process.ts'

/** One request to a process. */
export interface Job extends EvaluationRequest {
  /** Told once, with an outcome for each rule. */
  readonly settle: (answers: readonly CelAnswer[]) => void
}

/** What a child was at when its process went. */
type State = 'starting' | 'free' | 'busy'

/** What a child tells its pool. */
export interface EvaluatorChildEvents {
  /** It can take a job. */
  readonly free: () => void
  /** Its process is gone, and the child of no more use. */
  readonly gone: (end: {
    readonly child: EvaluatorChild
    readonly was: State
    readonly reason: string
  }) => void
}

const maxStartMs = 10_000
const outOfTurn = 'the expressions were not evaluated, for those of another rule were stopped'
const died = 'the evaluation ended without an answer, as one does that needs too much memory'

/** One evaluator process and the job it is at. */
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
      this.#end('the evaluator does not start')
    }, maxStartMs)
    childProcess.on('message', message => {
      this.#take(message as EvaluationMessage)
    })
    childProcess.on('error', () => {
      this.#end('the evaluator cannot be used')
    })
    childProcess.on('exit', () => {
      this.#end(died)
    })
  }

  /** Whether it can take a job now. */
  get isFree(): boolean {
    return this.#state === 'free'
  }

  /** Gives it a job, which it answers within `limitMs` or is ended for. */
  run(job: Job, limitMs: number): void {
    this.#state = 'busy'
    this.#job = job
    this.#answers = []
    this.#timer = setTimeout(() => {
      // What the process has said already may still wait behind this timer.
      setImmediate(() => {
        if (this.#job === job) this.#end(`the expressions took longer than ${limitMs} ms`)
      })
    }, limitMs)
    const { rules, bindings } = job
    try {
      this.#process.send({ rules, bindings } satisfies EvaluationRequest)
    } catch {
      this.#end('the object cannot be given to the evaluator')
    }
  }

  /** Ends the process; a job that it is at fails. */
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
          given[index] ?? { kind: 'failed', reason: index === given.length ? reason : outOfTurn }
      )
    )
  }
}
