import { execFileSync, spawnSync } from 'node:child_process'
import path from 'node:path'
import t from 'tap'
import { lnMultinomialEvidence } from '../../../analysis/statistics/drift/dirichlet-multinomial.ts'
import { quantileRanks } from '../../../analysis/statistics/latency/quantile-interval.ts'
import {
  logHypergeometric,
  logNormaliser
} from '../../../analysis/statistics/numeric/hypergeometric.ts'
import { logBeta } from '../../../analysis/statistics/numeric/log-beta.ts'
import { logBinomial } from '../../../analysis/statistics/numeric/log-binomial.ts'
import { logGamma } from '../../../analysis/statistics/numeric/log-gamma.ts'
import { oddsMixture } from '../../../analysis/statistics/odds-mixture.ts'
import { oddsRatio, scaleOdds } from '../../../analysis/statistics/odds.ts'
import { rateEvidence, rateTest } from '../../../analysis/statistics/rate/rate-evidence.ts'
import { rateInterval } from '../../../analysis/statistics/rate/rate-interval.ts'
import { earlyStopEvidence } from '../../../analysis/statistics/replay/early-stop.ts'

type Question = readonly [name: string, ...values: unknown[]]

const hasScipy = spawnSync('python3', ['-c', 'import scipy']).status === 0

function ask(questions: readonly Question[]): readonly unknown[] {
  const input = JSON.stringify(questions.map(([name, ...values]) => [name, values]))
  const script = path.join(import.meta.dirname, 'oracle.py')
  return JSON.parse(execFileSync('python3', [script], { input }).toString()) as unknown[]
}

/** A question, our answer, and its allowed absolute distance from SciPy's. */
type Case = readonly [question: Question, found: number, error: number]

function specialFunctions(): readonly Case[] {
  const gammas = [1e-6, 0.02, 0.5, 1, 1.5, 2, 3.7, 14.99, 15, 15.01, 170.3, 1e4, 1e7, 1e9]
  const betas = [
    [0.5, 0.5],
    [1, 501],
    [1841, 161],
    [20.4, 3e3]
  ] as const
  const binomials = [
    [0, 20, 0.1],
    [20, 20, 0.9],
    [3, 20, 0.3],
    [81, 1000, 0.08],
    [799_000, 10_000_000, 0.08]
  ] as const
  return [
    ...gammas.map((x): Case => {
      const found = logGamma(x)
      return [['logGamma', x], found, 1e-13 * Math.max(1, Math.abs(found))]
    }),
    ...betas.map(([a, b]): Case => [['logBeta', a, b], logBeta(a, b), 1e-10]),
    ...binomials.map(([part, whole, rate]): Case => {
      const found = logBinomial(part, whole, { rate, rest: 1 - rate })
      return [['logBinomial', part, whole, rate], found, 1e-6]
    })
  ]
}

function hypergeometrics(): readonly Case[] {
  const tables = [
    [3, 20, 80, 9, 1e-11],
    [25, 200, 800, 75, 1e-9],
    [70_000, 1_000_000, 9_000_000, 700_500, 1e-6]
  ] as const
  return tables.flatMap(([at, first, second, bad, error]) => {
    const margins = { first, second, bad }
    const central = logHypergeometric(at, margins)
    return [
      [['logHypergeometric', at, first, second, bad], central, error] as const,
      ...[0.05, 0.8, 1.25, 3, 16].map((odds): Case => {
        const found = logNormaliser(margins, odds)
        return [['normaliser', first, second, bad, odds], found, error]
      }),
      ...(first > 1000 ? [] : [0.8, 1.25]).map((odds): Case => {
        const found = central + at * Math.log(odds) - logNormaliser(margins, odds)
        return [['noncentral', at, first, second, bad, odds], found, Math.max(error, 1e-8)]
      })
    ]
  })
}

function rates(): readonly Case[] {
  const [limit, margin] = [0.08, 0.02]
  const mixture = oddsMixture(oddsRatio(limit + margin, limit))
  const weights = mixture.map(({ lnWeight }) => Math.exp(lnWeight))
  const above = mixture.map(({ multiplier }) => scaleOdds(multiplier, limit))
  const below = mixture.map(({ multiplier }) => scaleOdds(1 / multiplier, limit + margin))
  const seen = [
    [0, 0],
    [100, 8],
    [5000, 611]
  ] as const
  return seen.flatMap(([events, bad]): Case[] => {
    const { lnEFail, lnEPass } = rateEvidence(rateTest({ limit, margin }), { events, bad })
    return [
      [['mixture', events, bad, limit, above, weights], lnEFail, 1e-9],
      [['mixture', events, bad, limit + margin, below, weights], lnEPass, 1e-9]
    ]
  })
}

function replays(): readonly Case[] {
  const limit = { least: 0.92, margin: 0.01 }
  const evidence = (good: number, seen: number) =>
    earlyStopEvidence({ good, seen, total: 2000 }, limit)
  const ratio = (inSet: number, good: number, seen: number) =>
    ['priorPosterior', 2000, inSet, good, seen, 18.4, 1.6] as const
  return [
    [ratio(1840, 90, 100), evidence(90, 100).lnEFail, 1e-8],
    [ratio(1840, 1360, 1500), evidence(1360, 1500).lnEFail, 1e-8],
    [ratio(1820, 480, 500), evidence(480, 500).lnEPass, 1e-8]
  ]
}

function distributions(): readonly Case[] {
  const shares = [0.1, 0.2, 0.3, 0.4]
  const counts = [30, 10, 25, 35]
  const intervals = [
    [500, 40, 0.05],
    [30, 1, 0.01],
    [1_000_000, 10_000, 0.01]
  ] as const
  return [
    [['multinomial', counts, shares], lnMultinomialEvidence(counts, shares), 1e-9],
    ...intervals.flatMap(([events, bad, alpha]): Case[] => {
      const { low, high } = rateInterval({ events, bad }, alpha)
      return [low, high].map(end => [
        ['betaDensity', end, bad, events - bad],
        Math.log(alpha),
        1e-5
      ])
    })
  ]
}

t.test(
  'Our figures equal those of SciPy',
  { skip: hasScipy ? false : 'python3 has no scipy' },
  t => {
    const cases = [
      ...specialFunctions(),
      ...hypergeometrics(),
      ...rates(),
      ...replays(),
      ...distributions()
    ]
    const answers = ask(cases.map(([question]) => question))
    for (const [at, [question, found, error]] of cases.entries()) {
      const isClose = Math.abs(found - Number(answers[at])) <= error
      t.ok(isClose, `${JSON.stringify(question)}: ${found}, scipy ${String(answers[at])}`)
    }
    t.end()
  }
)

t.test(
  'Ranks around a quantile equal those of SciPy',
  { skip: hasScipy ? false : 'python3 has no scipy' },
  t => {
    const cases = [0, 1, 5, 40, 1000, 20_000].flatMap(events =>
      [0.5, 0.9, 0.99].map(level => ['quantileRanks', events, level, 0.05] as const)
    )
    const found = cases.map(([, events, level, alpha]) => {
      const { low, high } = quantileRanks(events, level, alpha)
      return [low, high]
    })
    t.same(found, ask(cases))
    t.end()
  }
)
