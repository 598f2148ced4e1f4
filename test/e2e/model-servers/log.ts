import { existsSync, readFileSync } from 'node:fs'

/** One request that a server answered. */
export interface Prediction {
  readonly kind: 'prediction'
  readonly instances: readonly (readonly number[])[]
  readonly predicted: readonly number[]
  readonly status: number
  /** As the server measured it. */
  readonly seconds: number
}

/** What a positive prediction is by its label. */
export type LabelResult = 'true-positive' | 'false-positive'

/** A line of a server's log. */
export type Entry =
  | { readonly kind: 'start' }
  | Prediction
  | { readonly kind: 'label'; readonly result: LabelResult }
  /** Prometheus scraped these counts; entries of the time of the scrape are not in them. */
  | { readonly kind: 'scrape'; readonly predictions: number; readonly labels: number }

/** Reads what all processes of a server logged; an incomplete last line is ignored. */
export function readLog(file: string): readonly Entry[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line) as Entry)
}

/** The entries since the last start. */
export function lastLife(entries: readonly Entry[]): readonly Entry[] {
  return entries.slice(entries.findLastIndex(({ kind }) => kind === 'start'))
}

/** The entries that Prometheus scraped: of each life those up to its last scrape. */
export function scraped(entries: readonly Entry[]): readonly Entry[] {
  const starts = entries.flatMap(({ kind }, at) => (kind === 'start' ? [at] : []))
  return starts.flatMap((start, at) => {
    const life = entries.slice(start, starts[at + 1])
    const last = life.findLast(entry => entry.kind === 'scrape')
    if (last === undefined) return []
    const left = { prediction: last.predictions, label: last.labels, start: 0, scrape: 0 }
    return life.filter(({ kind }) => (left[kind] -= 1) >= 0)
  })
}

export function predictionsOf(entries: readonly Entry[]): readonly Prediction[] {
  return entries.flatMap(entry => (entry.kind === 'prediction' ? [entry] : []))
}

/** `bad/events` of every objective of the suite, as the log has them. */
export function countsOf(
  entries: readonly Entry[]
): Record<'error-rate' | 'latency.p50' | 'precision', string> {
  const predictions = predictionsOf(entries)
  const labels = entries.flatMap(entry => (entry.kind === 'label' ? [entry.result] : []))
  const count = (bad: number, events: number) => `${bad}/${events}`
  const failed = predictions.filter(({ status }) => status === 500).length
  const slow = predictions.filter(({ seconds }) => seconds > 0.25).length
  const wrong = labels.filter(result => result === 'false-positive').length
  return {
    'error-rate': count(failed, predictions.length),
    'latency.p50': count(slow, predictions.length),
    precision: count(wrong, labels.length)
  }
}
