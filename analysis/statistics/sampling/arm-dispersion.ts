import type { Block } from '../counts.ts'

/** Sums over blocks, from which it is seen whether the difference of the arms varies. Plain JSON. */
export interface ArmDispersion {
  readonly blocks: number
  readonly weight: number
  readonly weighted: number
  readonly squares: number
}

/** The sums before the first block. */
export const noArmDispersion: ArmDispersion = { blocks: 0, weight: 0, weighted: 0, squares: 0 }

const fewestDegrees = 5
/** Standard deviations of a chi-squared statistic. */
const clearly = 4

/** Adds a closed block. A block without both arms, or without good and bad events, changes nothing. */
export function addArmBlock(sums: ArmDispersion, { canary, primary }: Block): ArmDispersion {
  const events = canary.events + primary.events
  const rate = (canary.bad + primary.bad) / events
  if (canary.events === 0 || primary.events === 0 || rate === 0 || rate === 1) return sums
  const difference = canary.bad / canary.events - primary.bad / primary.events
  const weight = 1 / (rate * (1 - rate) * (1 / canary.events + 1 / primary.events))
  return {
    blocks: sums.blocks + 1,
    weight: sums.weight + weight,
    weighted: sums.weighted + weight * difference,
    squares: sums.squares + weight * difference * difference
  }
}

/**
 * Returns how many times as much the difference of the arms varies between blocks as random assignment of requests
 * allows; undefined where that may be chance. Cochran's statistic of homogeneity:
 * docs/statistics/sampling.md#dispersion-between-the-arms.
 */
export function armDispersion({
  blocks,
  weight,
  weighted,
  squares
}: ArmDispersion): number | undefined {
  const degrees = blocks - 1
  if (degrees < fewestDegrees) return undefined
  const statistic = squares - (weighted * weighted) / weight
  return statistic > degrees + clearly * Math.sqrt(2 * degrees) ? statistic / degrees : undefined
}
