import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import { jsonExcess } from '../json-excess.ts'
import { nativeHistogram, ReplicaCheck } from './refused-series.ts'
import type { LabelledSeries } from './refused-series.ts'

/** A series at one time. */
export interface Sample {
  /** Its sorted labels without `le`, which identify the series at every time. */
  readonly series: string
  /** The scraped process: its job and instance labels. */
  readonly target: string
  /** The upper edge of a histogram bucket in the histogram's unit; undefined without `le`. */
  readonly edge: number | undefined
  /** A count, at least 0; a start time can be any number. */
  readonly value: number
  /** Milliseconds since 1970: the scrape time in a range, the query time in an instant query. */
  readonly timeMs: number
}

/** Samples, or why a response cannot be used. */
export type ReadSamples =
  | { readonly samples: readonly Sample[] }
  | {
      readonly unusable: string
      /** Whether settings have to change: another window will be no better. */
      readonly isLasting?: boolean
    }

/** The expected form of a response: its type, and whether its values are counts. */
export interface SampleForm {
  readonly type: 'vector' | 'matrix'
  readonly isCount: boolean
}

const maxSeries = 20_000
const maxSeriesCharacters = 4_000
const numberForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/**
 * Reads the response to a query for raw samples of counters. NaN is no data. Any value that a counter cannot
 * have makes the whole response unusable, because a part of it would be evidence of something else.
 */
export function readSamples(text: string, form: SampleForm): ReadSamples {
  const excess = jsonExcess(text)
  if (excess !== undefined) return { unusable: `its response ${excess}` }
  const answer = tryParseJson(text)
  if (!isJsonObject(answer)) return { unusable: 'its response is not a JSON object' }
  if (member(answer, 'status') !== 'success') {
    const [type, error] = [member(answer, 'errorType'), member(answer, 'error')]
    const hasError = typeof error === 'string' && typeof type === 'string'
    const said = hasError ? `${type}: ${error.slice(0, 200)}` : 'an error'
    return { unusable: `it responded with ${said}` }
  }
  const data = member(answer, 'data')
  const result = member(data, 'result')
  if (member(data, 'resultType') !== form.type || !isJsonArray(result)) {
    return { unusable: `its response is not a ${form.type}` }
  }
  if (result.length > maxSeries) {
    return { unusable: `${result.length} series match; the limit is ${maxSeries}` }
  }
  return readSeries(result, form)
}

function readSeries(result: readonly JsonValue[], { type, isCount }: SampleForm): ReadSamples {
  const samples: Sample[] = []
  const seen = new Set<string>()
  const replicas = new ReplicaCheck()
  for (const each of result) {
    const about = readLabels(member(each, 'metric'))
    if (typeof about === 'string') return { unusable: about }
    // `100` and `100.0` are one edge in two series: an exporter that was updated writes it differently.
    const key = `${about.series} ${about.le}`
    if (seen.has(key)) return { unusable: `the series ${about.series.slice(0, 200)} is duplicated` }
    seen.add(key)
    const lasting = nativeHistogram(each, about) ?? (isCount ? replicas.add(about) : undefined)
    if (lasting !== undefined) return { unusable: lasting, isLasting: true }
    const values = type === 'vector' ? [member(each, 'value') ?? null] : member(each, 'values')
    if (!isJsonArray(values)) return { unusable: 'a series has no values' }
    const unusable = addValues(samples, about, values, isCount)
    if (unusable !== undefined) return { unusable }
  }
  return { samples }
}

/** Returns what is wrong with a value; undefined if all were added. */
function addValues(
  samples: Sample[],
  about: About,
  values: readonly JsonValue[],
  isCount: boolean
): string | undefined {
  for (const pair of values) {
    const sample = readValue(about, pair, isCount)
    if (typeof sample === 'string') return sample
    if (sample !== undefined) samples.push(sample)
  }
  return undefined
}

type About = Pick<Sample, 'series' | 'target' | 'edge'> & LabelledSeries

/** Reads the labels of a series, or returns what is wrong with them. */
function readLabels(labels: JsonValue | undefined): About | string {
  if (!isJsonObject(labels)) return 'a series has no labels'
  const series = nameOf(labels)
  if (series === undefined) return 'a label is not a string, or the labels are too long'
  const edge = labels.le === undefined ? undefined : readNumber(labels.le)
  if (edge !== undefined && Number.isNaN(edge)) return 'an edge (le) is not a number'
  const target = JSON.stringify([labels.job ?? '', labels.instance ?? ''])
  const le = typeof labels.le === 'string' ? labels.le : ''
  const entries = Object.entries(labels).filter(([label]) => label !== 'le')
  return { series, target, edge, le, labels: entries.sort(([a], [b]) => (a < b ? -1 : 1)) }
}

/** Reads a sample; undefined for NaN. Or returns what is wrong with it. */
function readValue(about: About, pair: JsonValue, isCount: boolean): Sample | undefined | string {
  const [seconds, text] = isJsonArray(pair) && pair.length === 2 ? pair : []
  if (typeof seconds !== 'number' || typeof text !== 'string') {
    return 'a value is not a pair of a number and a string'
  }
  if (text === 'NaN') return undefined
  const { series } = about
  const value = readNumber(text)
  if (isCount ? !Number.isSafeInteger(value) || value < 0 : !Number.isFinite(value)) {
    const what = isCount ? 'count' : 'number'
    return `a value of ${series.slice(0, 200)} is ${JSON.stringify(text.slice(0, 40))}, which is not a ${what}`
  }
  const { target, edge } = about
  return { series, target, edge, value, timeMs: Math.round(seconds * 1_000) }
}

function nameOf(labels: JsonObject): string | undefined {
  const entries = Object.entries(labels).filter(([label]) => label !== 'le')
  if (entries.some(([, value]) => typeof value !== 'string')) return undefined
  const name = JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
  return name.length > maxSeriesCharacters ? undefined : name
}

/** Reads edges and values as exporters write them: `1`, `1.0`, `1e+06`, `+Inf`. */
function readNumber(text: JsonValue): number {
  if (typeof text !== 'string') return Number.NaN
  if (/^\+?inf$/i.test(text)) return Infinity
  return numberForm.test(text) ? Number(text) : Number.NaN
}
