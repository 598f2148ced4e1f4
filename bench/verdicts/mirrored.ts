import {
  addConditionalBlock,
  conditionalEvidence,
  conditionalTest,
  noConditionalEvidence
} from '../../analysis/statistics/comparison/conditional-evidence.ts'
import { pairEvidence } from '../../analysis/statistics/comparison/pair-evidence.ts'
import { isProved } from '../../analysis/statistics/evidence.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'

const looks = 20
const requests = 100
const margin = 0.02
/** Both arms get these wrong. */
const bothWrong = 0.2

interface World {
  readonly name: string
  /** Requests that one arm alone gets wrong. */
  readonly only: { readonly canary: number; readonly primary: number }
}

const worlds: readonly World[] = [
  { name: 'equally good', only: { canary: 0.01, primary: 0.01 } },
  { name: 'two points worse', only: { canary: 0.03, primary: 0.01 } },
  { name: 'four points worse', only: { canary: 0.05, primary: 0.01 } }
]

const order = ['raw5', 'raw1', 'arms', 'pairs', 'armsPass', 'pairsPass'] as const
type RuleName = (typeof order)[number]

/** Both arms get the same requests, a fifth of which both get wrong: rules by arm and by pairs. */
export function mirroredRows(random: Random, reps: number): readonly (readonly string[])[] {
  const head = [
    'canary',
    'raw T=5',
    'raw T=1',
    'arms FAIL',
    'pairs FAIL',
    'arms PASS',
    'pairs PASS'
  ]
  const rows = worlds.map(world => {
    const acted = new Map<RuleName, number>()
    for (let rep = 0; rep < reps; rep += 1) {
      for (const rule of actedIn(world, random)) acted.set(rule, (acted.get(rule) ?? 0) + 1)
    }
    return [world.name, ...order.map(rule => ((100 * (acted.get(rule) ?? 0)) / reps).toFixed(1))]
  })
  return [head, ...rows]
}

function actedIn({ only }: World, random: Random): ReadonlySet<RuleName> {
  const test = conditionalTest({ nullOdds: 1, tolerance: 1.5 })
  const acted = new Set<RuleName>()
  let arms = noConditionalEvidence(test)
  let [onlyCanaryBad, onlyPrimaryBad, failed] = [0, 0, 0]
  for (let look = 1; look <= looks; look += 1) {
    const both = binomial(random, requests, bothWrong)
    const canaryAlone = binomial(random, requests - both, only.canary / (1 - bothWrong))
    const rest = requests - both - canaryAlone
    const primaryAlone = binomial(random, rest, only.primary / (1 - bothWrong - only.canary))
    onlyCanaryBad += canaryAlone
    onlyPrimaryBad += primaryAlone
    if (canaryAlone - primaryAlone > margin * requests) failed += 1
    if (failed >= 1) acted.add('raw1')
    if (failed >= 5) acted.add('raw5')
    const canary = { events: requests, bad: both + canaryAlone }
    const primary = { events: requests, bad: both + primaryAlone }
    arms = addConditionalBlock(arms, { canary, primary }, test)
    const byArms = conditionalEvidence(arms, test)
    const counts = { pairs: look * requests, onlyCanaryBad, onlyPrimaryBad }
    const byPairs = pairEvidence(counts, margin)
    if (isProved(byArms.lnEFail, 0.01)) acted.add('arms')
    if (isProved(byPairs.lnEFail, 0.01)) acted.add('pairs')
    if (isProved(byArms.lnEPass, 0.05)) acted.add('armsPass')
    if (isProved(byPairs.lnEPass, 0.05)) acted.add('pairsPass')
  }
  return acted
}
