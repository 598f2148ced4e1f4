import Knn from 'ml-knn'
import { foursAndNines, side, trainingDigits } from './digits.ts'
import type { Digit } from './digits.ts'

/** Classifies pixels as a four or a nine. */
export type Model = (pixels: readonly number[]) => number

/** Models that the demo rolls out: nearest neighbours that are made from different digits. */
export const modelNames = ['steady', 'rival', 'hasty', 'thorough'] as const

/** One of {@link modelNames}. */
export type ModelName = (typeof modelNames)[number]

/**
 * Makes a model from the training digits:
 * `steady` compares 7 by 7 means with 1,200 digits; `rival` does so with 1,000, and `hasty` with 10, which
 * makes it wrong more often; `thorough` compares all pixels for 13 small shifts of the digit, which is as
 * precise and slow.
 */
export function makeModel(name: ModelName): Model {
  const digits = foursAndNines().slice(0, trainingDigits)
  switch (name) {
    case 'steady':
      return neighbours(digits, means, 5)
    case 'rival':
      return neighbours(digits.slice(0, 1_000), means, 5)
    case 'hasty':
      return neighbours(digits.slice(0, 10), means, 1)
    case 'thorough': {
      const one = neighbours(digits, pixels => pixels, 5)
      return pixels => {
        const votes = shifts.map(([right, down]) => one(shifted(pixels, right, down)))
        return votes.filter(vote => vote === 9).length * 2 > votes.length ? 9 : 4
      }
    }
  }
}

function neighbours(
  digits: readonly Digit[],
  features: (pixels: readonly number[]) => readonly number[],
  k: number
): Model {
  const knn = new Knn(
    digits.map(({ pixels }) => features(pixels)),
    digits.map(({ label }) => label),
    { k }
  )
  return pixels => knn.predict([features(pixels)])[0] ?? 4
}

const cell = 4

/** Means of squares of 4 by 4 pixels: 49 features. */
function means(pixels: readonly number[]): readonly number[] {
  const width = side / cell
  const sums = new Array<number>(width * width).fill(0)
  for (const [index, pixel] of pixels.entries()) {
    const [row, column] = [Math.floor(index / side), index % side]
    const at = Math.floor(row / cell) * width + Math.floor(column / cell)
    sums[at] = (sums[at] ?? 0) + pixel / cell ** 2
  }
  return sums
}

/** Every shift of at most two steps. */
const shifts = [-2, -1, 0, 1, 2].flatMap(right =>
  [-2, -1, 0, 1, 2]
    .filter(down => Math.abs(right) + Math.abs(down) <= 2)
    .map(down => [right, down] as const)
)

function shifted(pixels: readonly number[], right: number, down: number): readonly number[] {
  return pixels.map((_, index) => {
    const [row, column] = [Math.floor(index / side) - down, (index % side) - right]
    return row < 0 || row >= side || column < 0 || column >= side
      ? 0
      : (pixels[row * side + column] ?? 0)
  })
}
