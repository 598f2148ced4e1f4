import type { LogMark, PointLogs } from './point-logs.ts'

/** How a point ended. */
export type Outcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'skipped'; readonly reason: string }

/** A point of a suite with its outcome. */
export interface PointResult {
  readonly suite: string
  readonly name: string
  readonly outcome: Outcome
}

/** The points of one suite; reports each when it ends, and a failed one with what programs logged meanwhile. */
export class Points {
  readonly all: PointResult[] = []
  readonly #suite: string
  readonly #say: (line: string) => void
  readonly #logs: PointLogs | undefined
  readonly #start: LogMark
  readonly #open = new Map<string, LogMark>()
  #isGivenUp = false

  constructor(suite: string, say: (line: string) => void, logs?: PointLogs) {
    this.#suite = suite
    this.#say = say
    this.#logs = logs
    this.#start = logs?.mark() ?? new Map()
  }

  /** Runs a point. An error fails the point, and the suite continues. */
  async check(name: string, prove: () => Promise<unknown>): Promise<boolean> {
    const startedMs = Date.now()
    this.#open.set(name, this.#logs?.mark() ?? new Map())
    try {
      await prove()
    } catch (error) {
      this.report(name, { kind: 'failed', reason: reasonOf(error) }, Date.now() - startedMs)
      return false
    }
    this.report(name, { kind: 'passed' }, Date.now() - startedMs)
    return true
  }

  skip(name: string, reason: string): void {
    this.report(name, { kind: 'skipped', reason })
  }

  /** Fails the points that are still running, or the suite; later results are ignored. */
  giveUp(reason: string): void {
    const open = [...this.#open.keys()]
    for (const name of open.length === 0 ? ['runs to its end'] : open) {
      this.report(name, { kind: 'failed', reason })
    }
    this.#isGivenUp = true
  }

  report(name: string, outcome: Outcome, tookMs?: number): void {
    if (this.#isGivenUp) return
    this.all.push({ suite: this.#suite, name, outcome })
    const took = tookMs === undefined ? '' : ` (${(tookMs / 1_000).toFixed(1)} s)`
    this.#say(`${outcome.kind.padEnd(7)} ${this.#suite}: ${name}${took}`)
    if (outcome.kind !== 'passed') this.#say(indented(outcome.reason))
    if (outcome.kind === 'failed') {
      const said = this.#logs?.since(this.#open.get(name) ?? this.#start) ?? []
      if (said.length > 0) this.#say(indented(said.join('\n')))
    }
    this.#open.delete(name)
  }
}

function indented(text: string): string {
  return `        ${text.replaceAll('\n', '\n        ')}`
}

/** The message of an error with its cause, and the line of the suite that threw it. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const where = error.stack?.split('\n').find(line => line.includes('/test/e2e/')) ?? ''
  const cause = error.cause instanceof Error ? `\nbecause of ${error.cause.message}` : ''
  return `${error.message}${cause}\n${where.trim()}`.trim()
}
