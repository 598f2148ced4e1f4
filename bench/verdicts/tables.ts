import { rawDifference, rawThreshold, zPeeking, zPeekingPrimary } from './naive-rules.ts'
import {
  everPassing,
  failing,
  failingFromSecond,
  ofCuts,
  ofDifference,
  ofDispersedRate,
  ofOdds,
  ofRate,
  passing
} from './our-rules.ts'
import type { Rule, World } from './watch.ts'
import { bursts, canaryAndPrimary, drifting, slower, steady } from './worlds.ts'

/** One kind of rollout; `expected` are the percentages of an independent simulation, by rule, if it has any. */
export interface Row {
  readonly name: string
  readonly world: World
  readonly looks: number
  readonly before?: number
  readonly expected: readonly (number | undefined)[]
}

/** Rules side by side over several kinds of rollouts. */
export interface Table {
  readonly title: string
  readonly rules: readonly Rule[]
  readonly rows: readonly Row[]
}

const looks = 20
const precision = { limit: 0.08, margin: 0.02 }
const p99 = { limit: 0.01, margin: 0.01 }
const none = undefined

function rateRules(limit: typeof precision): readonly Rule[] {
  const follow = ofRate(limit)
  return [
    rawThreshold(limit.limit, 1),
    rawThreshold(limit.limit, 5),
    zPeeking(limit.limit),
    failing(follow, 0.05),
    failing(follow, 0.01),
    passing(follow)
  ]
}

type RateRow = readonly [name: string, rate: number, m: number, expected: readonly number[]]

const rateRows = (rows: readonly RateRow[]): readonly Row[] =>
  rows.map(([name, rate, m, expected]) => ({
    name: `${name}, m=${m}`,
    world: steady(m, rate),
    looks,
    expected
  }))

const atTheLimit: Table = {
  title: 'A canary at its limit (precision 0.92): false rollbacks by number of looks, m=100',
  rules: rateRules(precision).slice(0, 5),
  rows: (
    [
      [1, [none, none, 5.9, 0.1, 0]],
      [5, [none, none, 14.6, 0.5, 0.1]],
      [20, [100, 95.5, 22.1, 1.9, 0.4]],
      [100, [none, none, 31.9, 2.4, 0.4]],
      [500, [none, none, 41.3, 2.5, 0.5]]
    ] as const
  ).map(([asked, expected]) => ({
    name: `${asked} looks`,
    world: steady(100, 0.08),
    looks: asked,
    expected
  }))
}

const precisionTable: Table = {
  title: 'Precision against 0.92, margin 0.02, 20 looks (0.94 is healthy, 0.90 beyond the margin)',
  rules: rateRules(precision),
  rows: rateRows([
    ['0.94', 0.06, 20, [100, 85.9, 4.6, 0, 0, 56.7]],
    ['0.94', 0.06, 100, [95.8, 15.8, 1.1, 0, 0, 100]],
    ['0.94', 0.06, 500, [43.8, 0, 0.1, 0, 0, 100]],
    ['0.92', 0.08, 500, [100, 98.2, 21.9, 1.4, 0.1, 99.9]],
    ['0.90', 0.1, 20, [100, 100, 63.2, 12.8, 3.1, 1.1]],
    ['0.90', 0.1, 100, [100, 100, 96.8, 76.3, 55.5, 1.8]],
    ['0.90', 0.1, 500, [100, 100, 100, 100, 100, 1.4]],
    ['0.85', 0.15, 20, [100, 100, 99.9, 96.8, 85.5, 0]],
    ['0.85', 0.15, 100, [100, 100, 100, 100, 100, 0]]
  ])
}

const latencyTable: Table = {
  title: 'P99 against 100 ms, margin 1 pp, 20 looks',
  rules: rateRules(p99),
  rows: rateRows([
    ['80 ms', 0.0028, 100, [48.9, 0.1, 0.3, 0, 0, 100]],
    ['100 ms', 0.01, 20, [98.3, 28.6, 32.4, 1, 0.1, 14.4]],
    ['100 ms', 0.01, 100, [99.9, 65.4, 24.9, 2.3, 0.4, 88.4]],
    ['100 ms', 0.01, 500, [100, 93.3, 22.6, 1.3, 0.2, 99.8]],
    ['120 ms', 0.0249, 20, [100, 94.8, 92.3, 50, 25.9, 0.2]],
    ['120 ms', 0.0249, 100, [100, 100, 100, 99.7, 98.7, 0.2]],
    ['150 ms', 0.0648, 20, [100, 100, 100, 100, 99.8, 0]]
  ])
}

const odds = ofOdds(1.5)

const primaryTable: Table = {
  title:
    'Precision against a primary of 0.94 with 4 m events, 20 looks, by drop in percentage points',
  rules: [
    rawDifference(0.01, 1),
    rawDifference(0.01, 5),
    zPeekingPrimary,
    failing(odds, 0.05, 'odds'),
    failing(odds, 0.01, 'odds'),
    everPassing(odds),
    failing(ofDifference({ limit: 0.01, margin: 0.02, expectedRate: 0.06 }), 0.05, 'diff 1pp')
  ],
  rows: (
    [
      [0, 100, [99.9, 83.4, 21.8, 1.3, 0.2, 93.7, 0]],
      [0, 500, [99.3, 35.3, 23.5, 1.1, 0.3, 100, 0]],
      [1, 500, [100, 99, 98.8, 67, 47.3, 98.6, 0.9]],
      [2, 100, [100, 100, 97, 73.8, 55, 9.2, 13.1]],
      [2, 500, [100, 100, 100, 100, 99.9, 21.3, 66.7]],
      [3, 100, [100, 100, 100, 97.5, 92.9, 1.1, 58.1]],
      [5, 20, [100, 100, 98, 79.5, 53.9, 0.1, 48]],
      [5, 100, [100, 100, 100, 100, 100, 0.1, 99.5]]
    ] as const
  ).map(([drop, m, expected]) => ({
    name: `${drop} pp, m=${m}`,
    world: canaryAndPrimary(m, 0.06 + drop / 100, 0.06),
    looks,
    expected
  }))
}

const cutTable: Table = {
  title: 'Latency against the primary at four cuts, 20 looks, by ratio',
  rules: [failing(ofCuts, 0.05), failing(ofCuts, 0.01), passing(ofCuts)],
  rows: (
    [
      [1, 100, [1.1, 0.2]],
      [1, 500, [0.7, 0.2]],
      [1.05, 100, [53.3, 31.6]],
      [1.1, 20, [47.1, 24.6]],
      [1.1, 100, [100, 99.4]],
      [1.2, 20, [99.1, 96.2]]
    ] as const
  ).map(([ratio, m, expected]) => ({
    name: `${ratio}, m=${m}`,
    world: slower(m, ratio),
    looks,
    expected
  }))
}

const driftTable: Table = {
  title: 'Weights 5 to 50 % while both arms get worse from 4 to 10 %, 20 looks, by odds ratio',
  rules: [zPeekingPrimary, failing(odds, 0.05, 'odds'), failing(odds, 0.01, 'odds')],
  rows: (
    [
      [1, [93.5, 1.8, 0.4]],
      [1.35, [none, 96.7]],
      [2, [none, 100]]
    ] as const
  ).map(([ratio, expected]) => ({
    name: String(ratio),
    world: drifting(looks, ratio),
    looks,
    expected
  }))
}

const burstTable: Table = {
  title: 'Bursts: each interval’s precision varies around the mean, 20 looks, m=500',
  rules: [
    zPeeking(0.08),
    failing(ofRate(precision), 0.05, 'e, uncorrected'),
    failing(ofDispersedRate(precision), 0.05),
    failingFromSecond(ofDispersedRate(precision), 0.05, 'e, 2 intervals'),
    failingFromSecond(ofDispersedRate(precision), 0.01, 'e, 2 intervals'),
    passing(ofDispersedRate(precision))
  ],
  rows: (
    [
      [0.08, 0, 10, []],
      [0.08, 0.01, 10, [none, 5.7, 1.7]],
      [0.08, 0.02, 10, [none, 22.8, 1.8]],
      [0.08, 0.03, 10, [none, 41.9, 2.5]],
      [0.08, 0.02, 0, []],
      [0.06, 0.02, 10, []],
      [0.1, 0.01, 10, [none, none, 99]],
      [0.1, 0.02, 10, [none, none, 87]],
      [0.1, 0.03, 10, [none, none, 66]],
      [0.15, 0.03, 10, [none, none, 100]]
    ] as const
  ).map(([rate, deviation, before, expected]) => ({
    name: `${(1 - rate).toFixed(2)} ± ${deviation}${before === 0 ? ', no windows before' : ''}`,
    world: bursts(500, rate, deviation),
    looks,
    before,
    expected
  }))
}

/** Every table, in the order in which it is printed. */
export const tables: readonly Table[] = [
  atTheLimit,
  precisionTable,
  latencyTable,
  primaryTable,
  cutTable,
  driftTable,
  burstTable
]
