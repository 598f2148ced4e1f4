import { seededRandom } from '../../analysis/replay/seeded-random.ts'

/** A stream of random numbers that a seed fixes. */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  readonly uniform: () => number
  /** Standard normal. */
  readonly normal: () => number
}

/** {@link seededRandom}, and normal numbers from it by Box and Muller's method. */
export function seeded(seed: number): Random {
  const uniform = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())
  return { uniform, normal }
}

const tables = new Map<string, Float64Array>()

/** A binomial draw, by halving a table of the distribution that is kept for the next draw. */
export function binomial(random: Random, trials: number, rate: number): number {
  if (rate <= 0 || trials === 0) return 0
  if (rate >= 1) return trials
  const key = `${trials}/${rate}`
  let table = tables.get(key)
  if (table === undefined) {
    table = distribution(trials, rate)
    tables.set(key, table)
  }
  const draw = random.uniform()
  let [low, high] = [0, trials]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((table[middle] ?? 1) > draw) high = middle
    else low = middle + 1
  }
  return low
}

/** Cumulative probabilities; not taken from the code under test. */
function distribution(trials: number, rate: number): Float64Array {
  const table = new Float64Array(trials + 1)
  const mode = Math.floor((trials + 1) * rate)
  const odds = rate / (1 - rate)
  table[mode] = 1
  for (let i = mode; i < trials; i++)
    table[i + 1] = ((table[i] ?? 0) * (trials - i) * odds) / (i + 1)
  for (let i = mode; i > 0; i--) table[i - 1] = ((table[i] ?? 0) * i) / ((trials - i + 1) * odds)
  let sum = 0
  for (let i = 0; i <= trials; i++) table[i] = sum += table[i] ?? 0
  return table.map(value => value / sum)
}
