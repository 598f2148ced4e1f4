import { isJsonObject, kindOf, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readMetric } from '../canary/metric-words.ts'
import type { ManifestFinding } from './finding.ts'

/** The metrics that Flagger has queries for (pkg/metrics/observers). */
const builtIn = new Set(['request-success-rate', 'request-duration'])

/** Finds a metric that Flagger cannot evaluate, and bounds that its definition refuses. */
export function metricFindings(metric: JsonObject, field: string): readonly ManifestFinding[] {
  const name = stringMember(metric, 'name') ?? ''
  const bounds = boundFindings(metric, field)
  if (name === '') {
    const problem = "the metric has no name, which Flagger's definition requires"
    return [{ field: `${field}.name`, problem }, ...bounds]
  }
  if (builtIn.has(name) || hasQuery(metric)) return bounds
  const reading = readMetric(metric)
  const instead =
    reading.kind === 'limit'
      ? `, or instead ${reading.key}: "${reading.value}${reading.unit}" in a ModelAnalysis or the metadata of a webhook`
      : ''
  return [
    {
      field: `${field}.templateRef`,
      problem:
        'Flagger has no query for the metric: it fails each check, and older versions ignore the metric',
      found: JSON.stringify(name),
      fix: `add templateRef with the name of a MetricTemplate${instead}`
    },
    ...bounds
  ]
}

/** The deprecated `query`, or a MetricTemplate. */
function hasQuery(metric: JsonObject): boolean {
  const query = stringMember(metric, 'query') ?? ''
  return query !== '' || (stringMember(member(metric, 'templateRef'), 'name') ?? '') !== ''
}

function boundFindings(metric: JsonObject, field: string): readonly ManifestFinding[] {
  const range = member(metric, 'thresholdRange')
  const bounds: readonly (readonly [string, JsonValue | undefined])[] = [
    ['threshold', member(metric, 'threshold')],
    ['thresholdRange.min', member(range, 'min')],
    ['thresholdRange.max', member(range, 'max')]
  ]
  const findings = bounds.flatMap(([name, value]) =>
    isAbsent(value) || typeof value === 'number'
      ? []
      : [
          {
            field: `${field}.${name}`,
            problem: "Flagger's definition takes only a number",
            found: kindOf(value)
          }
        ]
  )
  const unknown = isJsonObject(range)
    ? Object.keys(range).filter(key => key !== 'min' && key !== 'max')
    : []
  return [
    ...findings,
    ...unknown.map(key => ({
      field: `${field}.thresholdRange.${key}`,
      problem: 'Flagger has no such bound',
      allowed: 'min, max'
    }))
  ]
}

function isAbsent(value: JsonValue | undefined): boolean {
  return value === undefined || value === null
}
