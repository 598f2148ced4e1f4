import { appendFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import type { Entry, LabelResult, Prediction } from './log.ts'

/** Seconds. */
const edges = [0.005, 0.05, 0.25, 1, 5]

/** The counters of one server process. Its log is written first and survives it. */
export class Counters {
  predictions = 0
  #labels = 0
  readonly #log: string
  readonly #values = new Map<string, number>()

  constructor(log: string) {
    this.#log = log
    // As client libraries of Prometheus do: the start time of the process, and counters from the start.
    this.#add('process_start_time_seconds', Date.now() / 1_000 - process.uptime())
    for (const code of ['200', '500']) this.#add(`inference_requests_total{code="${code}"}`, 0)
    for (const edge of [...edges, '+Inf']) this.#add(bucket(edge), 0)
    for (const result of ['true-positive', 'false-positive'] as const) this.#addLabel(result, 0)
    this.#write({ kind: 'start' })
  }

  predict(prediction: Omit<Prediction, 'kind'>): void {
    this.#write({ kind: 'prediction', ...prediction })
    const { status, seconds } = prediction
    this.predictions += 1
    this.#add(`inference_requests_total{code="${status}"}`, 1)
    for (const edge of edges) if (seconds <= edge) this.#add(bucket(edge), 1)
    this.#add(bucket('+Inf'), 1)
  }

  label({ predicted, label }: { readonly predicted: number; readonly label: number }): void {
    if (predicted !== 1) return
    const result = label === 1 ? 'true-positive' : 'false-positive'
    this.#write({ kind: 'label', result })
    this.#labels += 1
    this.#addLabel(result, 1)
  }

  /** Sends the exposition text; the log has its counts once it is sent. */
  scrape(response: ServerResponse): void {
    const counted = { predictions: this.predictions, labels: this.#labels }
    const text = [...this.#values].map(([series, value]) => `${series} ${value}\n`).join('')
    response.once('finish', () => {
      this.#write({ kind: 'scrape', ...counted })
    })
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text)
  }

  #addLabel(result: LabelResult, count: number): void {
    this.#add(`inference_labelled_total{outcome="${result}"}`, count)
  }

  #add(series: string, count: number): void {
    this.#values.set(series, (this.#values.get(series) ?? 0) + count)
  }

  #write(entry: Entry): void {
    appendFileSync(this.#log, `${JSON.stringify(entry)}\n`)
  }
}

function bucket(edge: number | string): string {
  return `inference_duration_seconds_bucket{le="${edge}"}`
}
