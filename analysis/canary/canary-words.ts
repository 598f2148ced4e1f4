import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { namesObjective } from '../settings/metric-keys.ts'
import type { ObjectiveSettings } from '../settings/objective-settings.ts'
import { readMetric } from './metric-words.ts'
import type { MetricReading } from './metric-words.ts'

/** What the metrics of a Canary say to the analysis. */
export interface CanaryWords {
  /** The objectives that they give; empty if a webhook of the Canary names objectives, which wins. */
  readonly settings: ObjectiveSettings
  /** Names of metrics that have no meaning here, in their order. */
  readonly unjudged: readonly string[]
  /** Metrics that have one, and a bound that cannot be used. */
  readonly problems: readonly MetricProblem[]
}

/** Why a metric cannot be used. */
export interface MetricProblem {
  /** `spec.analysis.metrics[2]` */
  readonly field: string
  readonly name: string
  readonly problem: string
}

/** Without a Canary, or without a word of it. */
export const noWords: CanaryWords = { settings: new Map(), unjudged: [], problems: [] }

/** Returns the analysis of a Canary with the name of its field. Flagger falls back to the deprecated name. */
export function analysisOfCanary(canary: JsonValue | undefined): {
  readonly analysis: JsonValue | undefined
  readonly field: string
} {
  const spec = member(canary, 'spec')
  const analysis = member(spec, 'analysis') ?? undefined
  if (analysis !== undefined) return { analysis, field: 'spec.analysis' }
  return { analysis: member(spec, 'canaryAnalysis'), field: 'spec.canaryAnalysis' }
}

/** The objects in a list of a Canary's analysis, with the names of their fields. */
export function listOfCanary(
  canary: JsonValue | undefined,
  list: 'metrics' | 'webhooks'
): readonly { readonly item: JsonObject; readonly field: string }[] {
  const { analysis, field } = analysisOfCanary(canary)
  const items = member(analysis, list)
  if (!isJsonArray(items)) return []
  return items.flatMap((item, index) =>
    isJsonObject(item) ? [{ item, field: `${field}.${list}[${index}]` }] : []
  )
}

/** Reads the metrics of a Canary as objectives. Of two limits of one objective, the stricter one counts. */
export function readCanaryWords(canary: JsonValue | undefined): CanaryWords {
  if (hasObjectivesInHooks(canary)) return noWords
  const limits = new Map<string, Limit>()
  const unjudged: string[] = []
  const problems: MetricProblem[] = []
  for (const { item, field } of listOfCanary(canary, 'metrics')) {
    const reading = readMetric(item)
    const name = nameOf(item)
    if (reading.kind === 'unknown') unjudged.push(name)
    if (reading.kind === 'wrong') problems.push({ field, name, problem: reading.problem })
    if (reading.kind === 'limit') keepStricter(limits, reading)
  }
  const settings = new Map([...limits].map(([key, { value, unit }]) => [key, `${value}${unit}`]))
  return { settings, unjudged, problems }
}

function hasObjectivesInHooks(canary: JsonValue | undefined): boolean {
  return listOfCanary(canary, 'webhooks').some(({ item }) => {
    const metadata = member(item, 'metadata')
    return isJsonObject(metadata) && namesObjective(Object.keys(metadata))
  })
}

type Limit = Extract<MetricReading, { kind: 'limit' }>

function keepStricter(limits: Map<string, Limit>, limit: Limit): void {
  const known = limits.get(limit.key)
  const isStricter =
    known === undefined ||
    (limit.key.endsWith('.min') ? limit.value > known.value : limit.value < known.value)
  if (isStricter) limits.set(limit.key, limit)
}

function nameOf(metric: JsonObject): string {
  const name = member(metric, 'name')
  return typeof name === 'string' ? name : ''
}
