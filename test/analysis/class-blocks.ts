import type { BenchTop } from './bench-top.ts'

/** Metadata of a hook that asks about prediction-rate. */
export const asked = { block: '10s', 'prediction-rate.versus': 'primary' }

/** Sends one block of 100 canary and 900 primary predictions, of which so many are of a class and the rest of 0. */
export async function sendBlock(
  bench: BenchTop,
  rates: Readonly<Record<'canary' | 'primary', Readonly<Record<string, number>>>>
): Promise<void> {
  for (const [variant, events] of [
    ['canary', 100],
    ['primary', 900]
  ] as const) {
    const classes = Object.entries(rates[variant]).flatMap(([predicted, count]) =>
      Array.from({ length: count }, () => predicted)
    )
    await bench.analyst.ingest(
      Array.from({ length: events }, (_, at) =>
        bench.prediction({ variant, predicted: classes[at] ?? '0' })
      )
    )
  }
  bench.nowMs += 10_000
}
