/**
 * The numbers from 0 to `length - 1` in an order drawn with `random` (in [0, 1), as `Math.random`;
 * seeded, the order can be drawn again). Early stopping is only valid in such an order.
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
