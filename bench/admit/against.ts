import { quantile, sendLoad } from './load.ts'
import { plainPolicies, signedPolicies } from './policies.ts'
import { plainReview, signedReview } from './reviews.ts'
import { processorMs, residentMiB, startFloor, startOurs } from './servers.ts'
import type { BenchFolder, BenchServer } from './servers.ts'

const rounds = 40
const requests = 1_500
const connections = 16

interface Round {
  readonly reviewsPerSecond: number
  readonly p99Ms: number
  /** CPU time of a review. */
  readonly processorUs: number
}

/** What two builds are compared by: reviews without a signature, or signed ones and what they bind. */
export type Compared = 'unsigned' | 'runs' | 'object'

/** What {@link compareWith} is given. */
export interface Comparison {
  readonly folder: BenchFolder
  /** The bundle of the other build. */
  readonly otherBundle: string
  readonly compared: Compared
  /** The public key of {@link signedReview}. */
  readonly trusted: string
}

/**
 * Compares this build with another one, such as that of an older commit, and both with the floor. All run
 * at the same time and are measured in short alternating rounds: other work on the machine affects each,
 * and the median of the rounds' ratios cancels it.
 */
export async function compareWith(
  { folder, otherBundle, compared, trusted }: Comparison,
  say: (text: string) => void
): Promise<void> {
  const start = (bench: BenchFolder) =>
    compared === 'unsigned'
      ? startOurs(bench, plainPolicies())
      : startOurs(bench, signedPolicies(compared), [trusted], compared)
  const body = compared === 'unsigned' ? plainReview : signedReview
  const servers: BenchServer[] = []
  try {
    servers.push(await start({ ...folder, bundle: otherBundle }), await start(folder))
    servers.push(await startFloor(folder))
    const pairs: (readonly Round[])[] = []
    for (let round = -3; round < rounds; round += 1) {
      // The builds take turns at going first.
      const order = round % 2 === 0 ? servers : servers.toReversed()
      const measured: Round[] = []
      for (const server of order) {
        // The floor is a review without a signature.
        const sent = servers.indexOf(server) === 2 ? plainReview : body
        measured[servers.indexOf(server)] = await measure(server, sent)
      }
      if (round >= 0) pairs.push(measured)
    }
    say(`${rounds} rounds of ${requests} reviews each, in turns, ${connections} connections\n`)
    say('| ratio | quarter | median | three quarters |\n|---|---|---|---|\n')
    for (const key of ['reviewsPerSecond', 'p99Ms', 'processorUs'] as const) {
      sayRatio(`${key}: this build / the other`, pairs, key, [1, 0])
    }
    sayRatio('reviewsPerSecond: this build / the floor', pairs, 'reviewsPerSecond', [1, 2])
    sayRatio('reviewsPerSecond: the other / the floor', pairs, 'reviewsPerSecond', [0, 2])
    const [other, own] = servers.map(server => residentMiB(server).toFixed(0))
    const medians = (key: keyof Round) =>
      [1, 0, 2].map(at => medianOf(pairs.map(pair => pair[at]?.[key] ?? NaN)).toFixed(0))
    say(`medians of this build, the other and the floor: `)
    say(`${medians('reviewsPerSecond').join(', ')} reviews/s, `)
    say(`${medians('processorUs').join(', ')} processor us a review; `)
    say(`RSS ${own ?? ''} and ${other ?? ''} MiB\n`)
  } finally {
    for (const server of servers) server.process.kill('SIGKILL')
  }

  function sayRatio(
    name: string,
    pairs: readonly (readonly Round[])[],
    key: keyof Round,
    [one, two]: readonly [number, number]
  ): void {
    const ratios = pairs.map(pair => (pair[one]?.[key] ?? NaN) / (pair[two]?.[key] ?? NaN))
    const ascending = ratios.sort((a, b) => a - b)
    const cells = [0.25, 0.5, 0.75].map(share => quantile(ascending, share).toFixed(2))
    say(`| ${[name, ...cells].join(' | ')} |\n`)
  }
}

function medianOf(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5
  )
}

async function measure(server: BenchServer, body: Buffer): Promise<Round> {
  const beforeMs = processorMs(server)
  const { requestsPerSecond, latenciesMs, statuses } = await sendLoad({
    ...server,
    ...{ body, requests, connections }
  })
  if (statuses.get(200) !== requests) {
    throw new Error(`${server.name} answered ${JSON.stringify([...statuses])}`)
  }
  return {
    reviewsPerSecond: requestsPerSecond,
    p99Ms: quantile(latenciesMs, 0.99),
    processorUs: ((processorMs(server) - beforeMs) * 1_000) / requests
  }
}
