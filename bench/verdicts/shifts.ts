import {
  addShiftBlock,
  noShift,
  shiftEvidence,
  shiftOfAll,
  shiftTest
} from '../../analysis/statistics/shift/shift-evidence.ts'
import { scaleOdds } from '../../analysis/statistics/odds.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'

const looks = 30
const events = { canary: 100, primary: 900 }
const primaryRate = 0.1

const worlds = [
  { name: 'same as the primary', odds: 1 },
  { name: '1.5 times the odds', odds: 1.5 },
  { name: '1 / 1.5 of the odds', odds: 1 / 1.5 },
  { name: 'twice as often', odds: 2.25 },
  { name: 'never', odds: 0 }
] as const

/** The raw rule: the share differs by more than a half of the primary's, in five blocks. */
const rawDifference = 0.5
const rawBlocks = 5

/**
 * Predictions of one class, without labels: how often a plain threshold and the test find a shift or pass, with the
 * median block.
 */
export function shiftRows(random: Random, reps: number): readonly (readonly string[])[] {
  const head = ['class predicted', 'raw T=5', 'shift', 'PASS']
  return [
    head,
    ...worlds.map(({ name, odds }) => {
      const found = Array.from({ length: reps }, () => follow(random, scaleOdds(odds, primaryRate)))
      return [name, ...(['raw', 'shift', 'pass'] as const).map(rule => cell(found, rule))]
    })
  ]
}

type Found = Partial<Record<'raw' | 'shift' | 'pass', number>>

function cell(found: readonly Found[], rule: keyof Found): string {
  const at = found.flatMap(each => each[rule] ?? []).sort((a, b) => a - b)
  const share = ((100 * at.length) / found.length).toFixed(1)
  const median = at[at.length >> 1]
  return median === undefined ? share : `${share} [${median}]`
}

/** Two classes that add up to all predictions, as a classifier of one class has them. */
function follow(random: Random, canaryRate: number): Found {
  const test = shiftTest(1.5)
  let state = noShift(test)
  let different = 0
  const found: Found = {}
  for (let look = 1; look <= looks; look += 1) {
    const canary = binomial(random, events.canary, canaryRate)
    const primary = binomial(random, events.primary, primaryRate)
    const [own, other] = [canary / events.canary, primary / events.primary]
    if (Math.abs(own - other) > rawDifference * other) different += 1
    if (different >= rawBlocks) found.raw ??= look
    state = addShiftBlock(
      state,
      {
        canary: { events: events.canary, bad: canary },
        primary: { events: events.primary, bad: primary }
      },
      test
    )
    const positive = shiftEvidence(state, test)
    const negative = { ...positive, lnEMore: positive.lnELess, lnELess: positive.lnEMore }
    const { lnEFail, lnEPass } = shiftOfAll([positive, negative])
    if (lnEFail >= Math.log(100)) found.shift ??= look
    if (lnEPass >= Math.log(20)) found.pass ??= look
  }
  return found
}
