import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A handwritten digit of MNIST: 28 rows of 28 pixels, from 0 to 1, and its label. */
export interface Digit {
  readonly pixels: readonly number[]
  readonly label: 4 | 9
}

/** Pixels in a row, and rows. */
export const side = 28

/** Returns a seeded stream of uniform numbers in [0, 1) (Park and Miller's generator). */
export function uniforms(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

/**
 * The fours and nines of the package `mnist`, the pair that models confuse most: 1,958 digits in a
 * fixed order.
 */
export function foursAndNines(): readonly Digit[] {
  const all = ([4, 9] as const).flatMap(label =>
    pixelsOf(label).map(pixels => ({ pixels, label, at: 0 }))
  )
  const uniform = uniforms(49)
  for (const digit of all) digit.at = uniform()
  return all.sort((a, b) => a.at - b.at)
}

/** How many of {@link foursAndNines} models are made from; requests use the others. */
export const trainingDigits = 1_200

function pixelsOf(label: number): readonly (readonly number[])[] {
  const file = fileURLToPath(import.meta.resolve(`mnist/src/digits/${label}.json`))
  const { data } = JSON.parse(readFileSync(file, 'utf8')) as { data: readonly number[] }
  const size = side * side
  return Array.from({ length: Math.floor(data.length / size) }, (_, index) =>
    data.slice(index * size, (index + 1) * size)
  )
}
