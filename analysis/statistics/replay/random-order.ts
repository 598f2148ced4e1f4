/**
 * Returns the numbers from 0 to `length - 1` in random order (Fisher-Yates). `random` returns numbers in
 * [0, 1) like `Math.random`; with a seed the order can be drawn again. Early stopping needs such an order:
 * docs/statistics/replay.md#a-proof-before-the-end.
 */
export function randomOrder(length: number, random: () => number): readonly number[] {
  const order = Array.from({ length }, (_, at) => at)
  for (let last = length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1))
    const moved = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = moved
  }
  return order
}
