import { setTimeout as wait } from 'node:timers/promises'
import { Fault } from '../../common/fault.ts'
import type { RemoteBranch } from './remote-branch.ts'

/** What a writer makes of the branch as it is: a commit to push, or nothing because it is there already. */
export type Attempt<Result> =
  | { readonly kind: 'push'; readonly commit: string; readonly result: Result }
  | { readonly kind: 'done'; readonly result: Result }

/**
 * How a write ended. `there`: another process pushed the very same commit. `refused`: the server does not take pushes
 * to this branch.
 */
export type Written<Result> =
  | { readonly kind: 'written' | 'done' | 'there'; readonly result: Result }
  | {
      readonly kind: 'refused'
      readonly reason: string
      readonly commit: string
      readonly result: Result
    }

const limitMs = 300_000
const longestWaitMs = 20_000
const mostDoublings = 5

/**
 * Pushes what `attempt` makes of the branch. If another push comes first, the branch is fetched again and `attempt`
 * makes its commit anew of what is there then: text is never rebased. Waits are random and as long as several tries
 * take, which is longer where many write at once, so that no writer starves; after five minutes the write ends with a fault. A push that is cut off may have arrived: the branch is fetched, and
 * `attempt` gets the commit that may be there.
 *
 * @throws {Fault} `PUSH_CONTENDED`, and what `attempt` throws
 */
export async function writeBranch<Result>(
  branch: RemoteBranch,
  name: string,
  attempt: (unsure: string | undefined) => Promise<Attempt<Result>>
): Promise<Written<Result>> {
  const endMs = performance.now() + limitMs
  let unsure: string | undefined
  for (let tries = 0; ; tries++) {
    const startMs = performance.now()
    const made = await attempt(unsure)
    if (made.kind === 'done') return made
    const pushed = await branch.push(made.commit, name, branch.head)
    switch (pushed.kind) {
      case 'pushed':
        return { kind: 'written', result: made.result }
      case 'there':
        return { kind: 'there', result: made.result }
      case 'refused':
        return { kind: 'refused', reason: pushed.reason, commit: made.commit, result: made.result }
      case 'cut':
        if (unsure !== undefined) throw pushed.fault
        unsure = made.commit
        await branch.fetch()
        break
      case 'lost':
        if (performance.now() > endMs) throw contended(tries + 1)
        await wait(waitMs(tries, performance.now() - startMs))
        await branch.fetch()
    }
  }
}

/** @param tookMs how long the last try took */
function waitMs(tries: number, tookMs: number): number {
  return Math.random() * Math.min(longestWaitMs, tookMs * 2 ** Math.min(tries, mostDoublings))
}

function contended(tries: number): Fault {
  return new Fault('PUSH_CONTENDED', 'other pushes to the branch always came first', {
    found: `${tries} tries in ${limitMs / 1_000} s`,
    remedy: 'Run the command again; nothing was written.'
  })
}
