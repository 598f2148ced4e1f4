import t from 'tap'
import { seededRandom } from '../../../analysis/replay/seeded-random.ts'
import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../../../analysis/statistics/comparison/conditional-evidence.ts'
import { pairEvidence } from '../../../analysis/statistics/comparison/pair-evidence.ts'
import { isProved } from '../../../analysis/statistics/evidence.ts'

/** Requests that one arm alone got wrong, with the given shares, until a verdict; 0 if there is none. */
function pairsToVerdict(
  random: () => number,
  shares: { readonly canary: number; readonly primary: number },
  most: number
): { readonly pairs: number; readonly verdict: 'pass' | 'fail' | undefined } {
  let [onlyCanaryBad, onlyPrimaryBad] = [0, 0]
  for (let pairs = 1; pairs <= most; pairs += 1) {
    const draw = random()
    if (draw < shares.canary) onlyCanaryBad += 1
    else if (draw < shares.canary + shares.primary) onlyPrimaryBad += 1
    if (pairs % 50 !== 0) continue
    const { lnEFail, lnEPass } = pairEvidence({ pairs, onlyCanaryBad, onlyPrimaryBad }, 0.02)
    if (isProved(lnEFail, 0.01)) return { pairs, verdict: 'fail' }
    if (isProved(lnEPass, 0.05)) return { pairs, verdict: 'pass' }
  }
  return { pairs: most, verdict: undefined }
}

/** A canary that is wrong in 22.2 % of requests, a primary in 20.2 %, and both in 20 %, in blocks of 50. */
function requestsToFail(seed: number): { readonly byPairs: number; readonly byArms: number } {
  const random = seededRandom(seed)
  const found = pairsToVerdict(random, { canary: 0.022, primary: 0.002 }, 20_000)
  const test = conditionalTest({ nullOdds: 1, tolerance: 1.5 })
  let state = noConditionalEvidence(test)
  const draw = (rate: number) => ({
    events: 50,
    bad: Array.from({ length: 50 }, random).filter(each => each < rate).length
  })
  let byArms = 0
  while (byArms < 20_000 && !isProved(conditionalEvidence(state, test).lnEFail, 0.01)) {
    state = addConditionalBlock(state, { canary: draw(0.222), primary: draw(0.202) }, test)
    byArms += 50
  }
  return { byPairs: found.pairs, byArms }
}

t.test('Pairs need a tenth of the requests', t => {
  const runs = Array.from({ length: 40 }, (_, seed) => requestsToFail(seed))
  const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[20] ?? 0
  const [byPairs, byArms] = [
    median(runs.map(run => run.byPairs)),
    median(runs.map(run => run.byArms))
  ]
  t.ok(byPairs * 8 <= byArms, `${byPairs} requests by pairs, ${byArms} of each arm otherwise`)
  t.end()
})

t.test('At the limit few pairs fail, and beyond the margin few pass', t => {
  const runs = (shares: { readonly canary: number; readonly primary: number }) =>
    Array.from({ length: 1_000 }, (_, run) => pairsToVerdict(seededRandom(run), shares, 2_000))
  const shareOf = (verdict: 'pass' | 'fail', found: ReturnType<typeof runs>) =>
    found.filter(each => each.verdict === verdict).length / found.length
  // 6 % of the requests are answered differently, by chance in either direction.
  t.ok(shareOf('fail', runs({ canary: 0.03, primary: 0.03 })) <= 0.01, 'one and the same quality')
  t.ok(shareOf('pass', runs({ canary: 0.04, primary: 0.02 })) <= 0.05, 'worse by the margin')
  t.end()
})
