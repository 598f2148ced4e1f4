import type { Checkout } from '../checkout.ts'
import type { CommitLog } from './commit-log.ts'
import { readObjects } from './objects.ts'
import { sameness } from './same-sources.ts'

/**
 * The oldest of the commits that are the same as the first one: those that have no same commit among
 * their ancestors; of several, the one with the earlier committer date, then with the smaller ID. Undefined
 * if an undecided commit could be older.
 *
 * @throws {Fault} `GIT_*`
 */
export async function oldestSame(
  checkout: Checkout,
  log: CommitLog,
  states: Uint8Array
): Promise<string | undefined> {
  const isBelowSame = haveSameAncestor(log, states)
  const oldest: string[] = []
  for (const [commit, id] of log.commits.texts.entries()) {
    if (states[commit] === sameness.other || isBelowSame[commit] === 1) continue
    if (states[commit] === sameness.undecided) return undefined
    oldest.push(id)
  }
  return oldest.length === 1 ? oldest[0] : earliest(checkout, oldest)
}

async function earliest(checkout: Checkout, ids: readonly string[]): Promise<string | undefined> {
  const dated: { readonly id: string; readonly seconds: bigint }[] = []
  await readObjects(checkout, ids, (id, bytes) => {
    dated.push({ id, seconds: committerSeconds(bytes?.toString('latin1') ?? '') })
  })
  if (dated.length < ids.length) return undefined
  const [first] = dated.sort((a, b) =>
    a.seconds === b.seconds ? (a.id < b.id ? -1 : 1) : a.seconds < b.seconds ? -1 : 1
  )
  return first?.id
}

/** The committer date in seconds since 1970; 0 if it is not a number. */
function committerSeconds(commit: string): bigint {
  const [, seconds = '0'] = /^committer .*> (-?\d+) [-+]\d+$/m.exec(commit) ?? []
  return BigInt(seconds)
}

/** For each commit, whether one of its ancestors is the same as the first commit. */
function haveSameAncestor(log: CommitLog, states: Uint8Array): Uint8Array {
  const have = new Uint8Array(log.size)
  for (const commit of parentsFirst(log)) {
    for (const parent of log.parentsOf(commit)) {
      if (states[parent] === sameness.same || have[parent] === 1) have[commit] = 1
    }
  }
  return have
}

function parentsFirst(log: CommitLog): Int32Array {
  const order = new Int32Array(log.size)
  let count = 0
  const isSeen = new Uint8Array(log.size)
  // A commit is on this stack before its parents are, and as its complement after they were.
  const stack = [0]
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (next < 0) order[count++] = ~next
    else if (isSeen[next] === 0) {
      isSeen[next] = 1
      stack.push(~next)
      for (const parent of log.parentsOf(next)) if (isSeen[parent] === 0) stack.push(parent)
    }
  }
  return order
}
