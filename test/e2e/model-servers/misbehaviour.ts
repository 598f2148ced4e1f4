import type { ServerResponse } from 'node:http'
import type { Counters } from './counters.ts'

/** What a server does instead of answering. */
export type Misbehaviour =
  | { readonly kind: 'none' }
  /** Accepts requests and never answers. */
  | { readonly kind: 'hang' }
  /** Answers this, with 200 if no status is given. */
  | { readonly kind: 'lie'; readonly body: string; readonly status?: number }
  /** The process ends, without an answer, at the prediction of this number since its start. */
  | { readonly kind: 'die'; readonly at: number }

export function readMisbehaviour(body: string): Misbehaviour {
  return JSON.parse(body) as Misbehaviour
}

/** True where the request has had what it gets. */
export function misbehave(
  misbehaviour: Misbehaviour,
  { response, counters }: { readonly response: ServerResponse; readonly counters: Counters }
): boolean {
  switch (misbehaviour.kind) {
    case 'none':
      return false
    case 'hang':
      return true
    case 'lie':
      response.writeHead(misbehaviour.status ?? 200, { 'content-type': 'application/json' })
      response.end(misbehaviour.body)
      return true
    case 'die':
      if (counters.predictions >= misbehaviour.at) process.kill(process.pid, 'SIGKILL')
      return false
  }
}
