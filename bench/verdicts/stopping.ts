import { noCounts } from '../../analysis/statistics/counts.ts'
import { addRateWindow, noRateDrift } from '../../analysis/statistics/drift/rate-drift.ts'
import { isProved } from '../../analysis/statistics/evidence.ts'
import type { Evidence } from '../../analysis/statistics/evidence.ts'
import { rateEvidence, rateTest } from '../../analysis/statistics/rate/rate-evidence.ts'
import { eventsToVerdict } from '../../analysis/statistics/rate/samples-to-verdict.ts'
import { earlyStopEvidence } from '../../analysis/statistics/replay/early-stop.ts'
import { randomOrder } from '../../analysis/statistics/replay/random-order.ts'
import { binomial } from './random.ts'
import type { Random } from './random.ts'

/** How long it takes to stop: our figures, and those of an independent simulation. */
export interface Stopping {
  readonly title: string
  readonly rows: (random: Random, reps: number) => readonly (readonly string[])[]
}

const levels = { alpha: 0.01, beta: 0.05 }
const total = 2000

const replay: Stopping = {
  title: 'A labelled set of 2,000, accuracy at least 0.92, margin 0.01, stopped early',
  rows: (random, reps) => [
    ['true accuracy', 'median items', 'expected', 'wrong verdicts, percent'],
    ...(
      [
        [0.97, 120, 'pass'],
        [0.94, 520, 'pass'],
        [0.92, 1660, 'pass'],
        [0.9, 1100, 'fail'],
        [0.85, 220, 'fail']
      ] as const
    ).map(([share, expected, right]) => {
      const ends = Array.from({ length: reps }, () => replayOnce(random, Math.round(share * total)))
      const wrong = ends.filter(({ verdict }) => verdict !== right).length
      const median = middle(ends.map(({ seen }) => seen))
      return [String(share), String(median), String(expected), ((100 * wrong) / reps).toFixed(1)]
    })
  ]
}

/** Judged every twenty items, and by arithmetic at the end. */
function replayOnce(random: Random, goodInSet: number): { seen: number; verdict: string } {
  let good = 0
  for (const [at, item] of randomOrder(total, random.uniform).entries()) {
    if (item < goodInSet) good++
    const seen = at + 1
    if (seen % 20 !== 0) continue
    const verdict = verdictOf(
      earlyStopEvidence({ good, seen, total }, { least: 0.92, margin: 0.01 })
    )
    if (verdict !== undefined) return { seen, verdict }
  }
  return { seen: total, verdict: good / total >= 0.92 ? 'pass' : 'fail' }
}

function verdictOf({ lnEFail, lnEPass }: Evidence): 'pass' | 'fail' | undefined {
  if (isProved(lnEFail, levels.alpha)) return 'fail'
  return isProved(lnEPass, levels.beta) ? 'pass' : undefined
}

const precision = { limit: 0.08, margin: 0.02 }
const p99 = { limit: 0.01, margin: 0.01 }

const toVerdict: Stopping = {
  title: 'Events to a verdict (FAIL at 1 %, PASS at 5 %), checked at every 1 % more',
  rows: (random, reps) => [
    ['', 'median', 'expected', '90th percentile', 'expected', 'estimate', 'mostly'],
    ...(
      [
        ['precision 0.96', precision, 0.04, 145, 290],
        ['precision 0.94', precision, 0.06, 330, 678],
        ['precision 0.90', precision, 0.1, 1651, 3600],
        ['precision 0.85', precision, 0.15, 220, 435],
        ['0.5 % slow', p99, 0.005, 345, 672],
        ['2 % slow', p99, 0.02, 1053, 2341],
        ['5 % slow', p99, 0.05, 145, 300]
      ] as const
    ).map(([name, limit, rate, median, ninth]) => {
      const test = rateTest(limit)
      const ends = Array.from({ length: reps }, () => {
        let all = noCounts
        for (;;) {
          const more = Math.max(5, Math.round(all.events / 100))
          all = { events: all.events + more, bad: all.bad + binomial(random, more, rate) }
          const verdict = verdictOf(rateEvidence(test, all))
          if (verdict !== undefined) return { events: all.events, verdict }
        }
      })
      const events = ends.map(end => end.events).sort((a, b) => a - b)
      const fails = ends.filter(({ verdict }) => verdict === 'fail').length
      return [
        name,
        String(middle(events)),
        String(median),
        String(events[Math.floor(0.9 * reps)] ?? 0),
        String(ninth),
        String(eventsToVerdict({ events: 1e6, bad: rate * 1e6 }, limit, levels)),
        fails > reps / 2 ? 'FAIL' : 'PASS'
      ]
    })
  ]
}

const drift: Stopping = {
  title: 'Drift of a bad rate of 0.06, windows of 200 events, one false alarm in 10,000 tolerated',
  rows: (random, reps) => [
    ['rate after window 300', 'median delay', 'expected', 'alarm before, percent'],
    ...(
      [
        [0.07, 43],
        [0.08, 14],
        [0.1, 5],
        [0.12, 3],
        [0.15, 2]
      ] as const
    ).map(([rate, expected]) => {
      const runs = Math.ceil(reps / 4)
      const alarms = Array.from({ length: runs }, () => firstAlarm(random, rate))
      const delays = alarms.filter(at => at > 300).map(at => at - 300)
      const early = ((100 * (runs - delays.length)) / runs).toFixed(1)
      return [String(rate), String(middle(delays)), String(expected), early]
    })
  ]
}

function firstAlarm(random: Random, rate: number): number {
  let detector = noRateDrift
  for (let window = 1; ; window++) {
    const bad = binomial(random, 200, window <= 300 ? 0.06 : rate)
    const step = addRateWindow(
      detector,
      { events: 200, bad },
      { limit: 0.06, direction: 'rise', windowsToFalseAlarm: 10_000 }
    )
    if (step.isAlarm) return window
    detector = step.detector
  }
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

/** Every such table, in the order in which it is printed. */
export const stoppings: readonly Stopping[] = [toVerdict, replay, drift]
