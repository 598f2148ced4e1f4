import { quantile, sendLoad } from './load.ts'
import { plainPolicies } from './policies.ts'
import { plainReview } from './reviews.ts'
import { processorMs, residentMiB, startOurs } from './servers.ts'
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

/**
 * Compares this build with another one, such as that of an older commit. Both run at the same time and are
 * measured in short alternating rounds: other work on the machine affects both, and the median of the
 * rounds' ratios cancels it.
 */
export async function compareWith(
  folder: BenchFolder,
  otherBundle: string,
  say: (text: string) => void
): Promise<void> {
  const servers: BenchServer[] = []
  try {
    servers.push(await startOurs({ ...folder, bundle: otherBundle }, plainPolicies()))
    servers.push(await startOurs(folder, plainPolicies()))
    const pairs: (readonly Round[])[] = []
    for (let round = -3; round < rounds; round += 1) {
      // The builds take turns at going first.
      const order = round % 2 === 0 ? servers : servers.toReversed()
      const measured: Round[] = []
      for (const server of order) measured[servers.indexOf(server)] = await measure(server)
      if (round >= 0) pairs.push(measured)
    }
    say(`${rounds} rounds of ${requests} reviews each, in turns, ${connections} connections\n`)
    say('| this build / the other | quarter | median | three quarters |\n|---|---|---|---|\n')
    for (const key of ['reviewsPerSecond', 'p99Ms', 'processorUs'] as const) {
      const ratios = pairs.map(([other, own]) => (own?.[key] ?? NaN) / (other?.[key] ?? NaN))
      const ascending = ratios.sort((a, b) => a - b)
      const cells = [0.25, 0.5, 0.75].map(share => quantile(ascending, share).toFixed(2))
      say(`| ${[key, ...cells].join(' | ')} |\n`)
    }
    const [other, own] = servers.map(server => residentMiB(server).toFixed(0))
    const medians = [0, 1].map(at => {
      const rates = pairs.map(pair => pair[at]?.reviewsPerSecond ?? NaN).sort((a, b) => a - b)
      return quantile(rates, 0.5).toFixed(0)
    })
    say(
      `medians: ${medians[1] ?? ''} and ${medians[0] ?? ''} reviews/s; RSS ${own ?? ''} and ${other ?? ''} MiB\n`
    )
  } finally {
    for (const server of servers) server.process.kill('SIGKILL')
  }
}

async function measure(server: BenchServer): Promise<Round> {
  const beforeMs = processorMs(server)
  const { requestsPerSecond, latenciesMs, statuses } = await sendLoad({
    ...server,
    ...{ body: plainReview, requests, connections }
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
