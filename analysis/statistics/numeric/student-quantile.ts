import { incompleteBeta } from './incomplete-beta.ts'

const halvings = 100

/**
 * Returns the value that Student's t exceeds with probability `level`, which is below 0.5. With very many
 * degrees of freedom it is the normal distribution's.
 */
export function studentQuantile(level: number, degrees: number): number {
  let low = 0
  let high = 1
  while (exceedance(high, degrees) > level) high *= 2
  for (let step = 0; step < halvings; step++) {
    const middle = (low + high) / 2
    if (exceedance(middle, degrees) > level) low = middle
    else high = middle
  }
  return (low + high) / 2
}

function exceedance(value: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + value * value), degrees / 2, 0.5) / 2
}
