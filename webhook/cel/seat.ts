import type { ChildProcess } from 'node:child_process'
import type { CelOutcome } from './evaluator.ts'
import type { EvaluationMessage, EvaluationRequest } from './evaluator-process.ts'

/** One request to a process. */
export interface Job extends EvaluationRequest {
  /** Told once, with an outcome for each rule. */
  readonly settle: (outcomes: readonly CelOutcome[]) => void
}

/** What a seat was at when its process went. */
type State = 'starting' | 'free' | 'busy'

/** What a seat tells its pool. */
export interface SeatEvents {
  /** It can take a job. */
  readonly free: () => void
  /** Its process is gone, and the seat of no more use. */
  readonly gone: (end: {
    readonly seat: Seat
    readonly was: State
    readonly reason: string
  }) => void
}

const maxStartMs = 10_000
const outOfTurn = 'the expressions were not evaluated, for those of another rule were stopped'
const died = 'the evaluation ended without an answer, as one does that needs too much memory'

/** One evaluator process and the job it is at. */
export class Seat {
  readonly #child: ChildProcess
  readonly #events: SeatEvents
  #state: State | 'gone' = 'starting'
  #job: Job | undefined
  #outcomes: CelOutcome[] = []
  #timer: NodeJS.Timeout

  constructor(child: ChildProcess, events: SeatEvents) {
    this.#child = child
    this.#events = events
    this.#timer = setTimeout(() => {
      this.#end('the evaluator does not start')
    }, maxStartMs)
    child.on('message', message => {
      this.#take(message as EvaluationMessage)
    })
    child.on('error', () => {
      this.#end('the evaluator cannot be used')
    })
    child.on('exit', () => {
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
    this.#outcomes = []
    this.#timer = setTimeout(() => {
      // What the process has said already may still wait behind this timer.
      setImmediate(() => {
        if (this.#job === job) this.#end(`the expressions took longer than ${limitMs} ms`)
      })
    }, limitMs)
    const { rules, bindings } = job
    try {
      this.#child.send({ rules, bindings } satisfies EvaluationRequest)
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
      this.#outcomes.push({ kind: 'judged', findings: message })
      if (this.#outcomes.length < (this.#job?.rules.length ?? 0)) return
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
    this.#child.kill('SIGKILL')
    this.#settle(reason)
    this.#events.gone({ seat: this, was, reason })
  }

  #settle(reason = ''): void {
    const job = this.#job
    if (job === undefined) return
    this.#job = undefined
    const given = this.#outcomes
    job.settle(
      job.rules.map(
        (_, index) =>
          given[index] ?? { kind: 'failed', reason: index === given.length ? reason : outOfTurn }
      )
    )
  }
}
