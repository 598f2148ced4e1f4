import { seededRandom } from '../../analysis/replay/seeded-random.ts'

/** A point in the plane and its class, 0 or 1. */
export interface Point {
  readonly x: readonly [number, number]
  readonly y: 0 | 1
}

/** Two overlapping clouds: points of the positive class lie about (1, 1), the others about (-1, -1). */
export function drawPoints(count: number, seed: number): readonly Point[] {
  const random = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  return Array.from({ length: count }, () => {
    const y = random() < 0.5 ? 1 : 0
    const centre = y === 1 ? 1 : -1
    return { x: [centre + normal(), centre + normal()], y }
  })
}

/** The probability of the positive class. */
export type Classifier = (x: readonly number[]) => number

/** Logistic regression, fitted by gradient descent: about 92 % of its predictions are right. */
export function fit(points: readonly Point[]): Classifier {
  let [bias, one, other] = [0, 0, 0]
  const probability = (x: readonly number[]) =>
    1 / (1 + Math.exp(-(bias + one * (x[0] ?? 0) + other * (x[1] ?? 0))))
  for (let step = 0; step < 200; step += 1) {
    let [dBias, dOne, dOther] = [0, 0, 0]
    for (const { x, y } of points) {
      const error = probability(x) - y
      dBias += error
      dOne += error * x[0]
      dOther += error * x[1]
    }
    const rate = 2 / points.length
    bias -= rate * dBias
    one -= rate * dOne
    other -= rate * dOther
  }
  return probability
}
