import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

/** A series at one time. */
export interface Sample {
  /** Its labels in order, without `le`: what makes it the same series at another time. */
  readonly series: string
  /** The upper edge of a histogram's bucket, in its own unit; undefined without `le`. */
  readonly edge: number | undefined
  /** A count: at least 0. */
  readonly value: number
  /** In milliseconds since 1970. */
  readonly timeMs: number
}

/** Samples, or why an answer is none. */
export type ReadVector = { readonly samples: readonly Sample[] } | { readonly unusable: string }

const maxSeries = 20_000
const maxSeriesCharacters = 4_000
const numberForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/**
 * Reads the answer to an instant query for counters. NaN is no data; everything that a counter cannot
 * be makes the whole answer unusable, for a part of it would be evidence of something else.
 */
export function readVector(text: string): ReadVector {
  const answer = parse(text)
  if (!isJsonObject(answer)) return { unusable: 'its answer is no JSON object' }
  if (member(answer, 'status') !== 'success') {
    const [type, error] = [member(answer, 'errorType'), member(answer, 'error')]
    const isTold = typeof error === 'string' && typeof type === 'string'
    const said = isTold ? `${type}: ${error.slice(0, 200)}` : 'an error'
    return { unusable: `it answers ${said}` }
  }
  const data = member(answer, 'data')
  const result = member(data, 'result')
  if (member(data, 'resultType') !== 'vector' || !isJsonArray(result)) {
    return { unusable: 'its answer is no vector' }
  }
  if (result.length > maxSeries) {
    return { unusable: `${result.length} series match, and at most ${maxSeries} are read` }
  }
  return readSamples(result)
}

function readSamples(result: readonly JsonValue[]): ReadVector {
  const samples: Sample[] = []
  const seen = new Set<string>()
  for (const each of result) {
    const sample = readSample(each)
    if (typeof sample === 'string') return { unusable: sample }
    if (sample === undefined) continue
    const key = `${sample.series} ${sample.edge ?? ''}`
    if (seen.has(key))
      return { unusable: `the series ${sample.series.slice(0, 200)} is there twice` }
    seen.add(key)
    samples.push(sample)
  }
  return { samples }
}

/** A sample, undefined for NaN, or what is wrong with it. */
function readSample(each: JsonValue): Sample | undefined | string {
  const labels = member(each, 'metric')
  const pair = member(each, 'value')
  if (!isJsonObject(labels) || !isJsonArray(pair) || pair.length !== 2) {
    return 'a series has no labels and value'
  }
  const [seconds, text] = pair
  if (typeof seconds !== 'number' || typeof text !== 'string') {
    return 'a value is no pair of a number and a text'
  }
  const series = nameOf(labels)
  if (series === undefined) return 'a label is no text, or the labels are too long'
  const edge = labels.le === undefined ? undefined : readNumber(labels.le)
  if (edge !== undefined && Number.isNaN(edge)) return 'an edge (le) is no number'
  return readValue({ series, edge, timeMs: seconds * 1_000 }, text)
}

function readValue(sample: Omit<Sample, 'value'>, text: string): Sample | undefined | string {
  if (text === 'NaN') return undefined
  const { series } = sample
  const value = readNumber(text)
  if (!Number.isSafeInteger(value) || value < 0) {
    return `a value of ${series.slice(0, 200)} reads ${JSON.stringify(text.slice(0, 40))}, which is no count`
  }
  return { ...sample, value }
}

function nameOf(labels: JsonObject): string | undefined {
  const entries = Object.entries(labels).filter(([label]) => label !== 'le')
  if (entries.some(([, value]) => typeof value !== 'string')) return undefined
  const name = JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  return name.length > maxSeriesCharacters ? undefined : name
}

/** Edges and values as exporters spell them: `1`, `1.0`, `1e+06`, `+Inf`. */
function readNumber(text: JsonValue): number {
  if (typeof text !== 'string') return Number.NaN
  if (/^\+?inf$/i.test(text)) return Infinity
  return numberForm.test(text) ? Number(text) : Number.NaN
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return null
  }
}
