import { addCounts, noCounts } from '../../analysis/statistics/counts.ts'
import { isProved } from '../../analysis/statistics/evidence.ts'
import { rateEvidence, rateTest } from '../../analysis/statistics/rate/rate-evidence.ts'
import { countsAtBest, countsAtWorst } from '../../analysis/statistics/sampling/missing-labels.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'

const looks = 20
const eventsPerLook = 100
const limit = { limit: 0.08, margin: 0.02 }

interface World {
  readonly name: string
  readonly badRate: number
  /** The share of labels that are missing. */
  readonly missing: { readonly ofBad: number; readonly ofGood: number }
}

const worlds: readonly World[] = [
  { name: '0.97, none is missing', badRate: 0.03, missing: { ofBad: 0, ofGood: 0 } },
  { name: '0.80, 80 % of the wrong ones', badRate: 0.2, missing: { ofBad: 0.8, ofGood: 0 } },
  { name: '0.92, 15 % of the right ones', badRate: 0.08, missing: { ofBad: 0, ofGood: 0.15 } },
  { name: '0.92, 15 % of all', badRate: 0.08, missing: { ofBad: 0.15, ofGood: 0.15 } }
]

type RuleName = 'raw' | 'labelledFail' | 'labelledPass' | 'fail' | 'pass'

/** Labels that are missing by outcome: how often rules fail and pass a canary, by labelled events and by bounds. */
export function missingLabelRows(random: Random, reps: number): readonly (readonly string[])[] {
  const order = ['raw', 'labelledFail', 'labelledPass', 'fail', 'pass'] as const
  const head = ['precision', 'raw T=5', 'labelled FAIL', 'labelled PASS', 'all FAIL', 'all PASS']
  const rows = worlds.map(world => {
    const acted = { raw: 0, labelledFail: 0, labelledPass: 0, fail: 0, pass: 0 }
    for (let rep = 0; rep < reps; rep += 1) {
      for (const rule of actedIn(world, random)) acted[rule] += 1
    }
    return [world.name, ...order.map(rule => ((100 * acted[rule]) / reps).toFixed(1))]
  })
  return [head, ...rows]
}

function actedIn({ badRate, missing }: World, random: Random): ReadonlySet<RuleName> {
  const test = rateTest(limit)
  const acted = new Set<RuleName>()
  let labelled = noCounts
  let unlabelled = 0
  let failed = 0
  for (let look = 0; look < looks; look += 1) {
    const bad = binomial(random, eventsPerLook, badRate)
    const [lostBad, lostGood] = [
      binomial(random, bad, missing.ofBad),
      binomial(random, eventsPerLook - bad, missing.ofGood)
    ]
    const events = eventsPerLook - lostBad - lostGood
    if ((bad - lostBad) / events > limit.limit) failed += 1
    if (failed >= 5) acted.add('raw')
    labelled = addCounts(labelled, { events, bad: bad - lostBad })
    unlabelled += lostBad + lostGood
    const counts = { labelled, missingGood: unlabelled, missingBad: unlabelled }
    const own = rateEvidence(test, labelled)
    if (isProved(own.lnEFail, 0.01)) acted.add('labelledFail')
    if (isProved(own.lnEPass, 0.05)) acted.add('labelledPass')
    if (isProved(rateEvidence(test, countsAtBest(counts)).lnEFail, 0.01)) acted.add('fail')
    if (isProved(rateEvidence(test, countsAtWorst(counts)).lnEPass, 0.05)) acted.add('pass')
  }
  return acted
}
