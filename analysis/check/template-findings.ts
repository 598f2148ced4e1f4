import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'
import type { ManifestFinding } from './finding.ts'
import { readSettings, settingsFindings } from './settings-findings.ts'

/** Finds what is wrong with the metrics of an Argo Rollouts AnalysisTemplate that request a verdict. */
export function templateFindings(template: JsonObject): readonly ManifestFinding[] {
  const metrics = member(member(template, 'spec'), 'metrics')
  if (!isJsonArray(metrics)) return []
  return metrics.flatMap((metric, index) => metricFindings(metric, `spec.metrics[${index}]`))
}

function metricFindings(metric: JsonValue, field: string): readonly ManifestFinding[] {
  const web = member(member(metric, 'provider'), 'web')
  const isOurs = /\/v1\/verdict(?:[?#].*)?$/.test(stringMember(web, 'url') ?? '')
  if (!isOurs) return []
  const conditions = ['successCondition', 'failureCondition'].filter(
    key => (stringMember(metric, key) ?? '') !== ''
  )
  const unconditional: ManifestFinding = {
    field,
    problem: 'without a condition Argo Rollouts takes every answer as success',
    fix: `add successCondition: result.verdict == "pass" and failureCondition: result.verdict == "fail"`
  }
  return [
    ...(conditions.length === 0 ? [unconditional] : []),
    ...bodyFindings(web, `${field}.provider.web`)
  ]
}

/** Argo Rollouts replaces `{{args.x}}`, so such a value is not known here. */
function bodyFindings(web: JsonValue | undefined, field: string): readonly ManifestFinding[] {
  const text = stringMember(web, 'body')
  const [name, body] =
    text === undefined
      ? (['jsonBody', member(web, 'jsonBody')] as const)
      : (['body', tryParseJson(text)] as const)
  const metadata = member(body, 'metadata')
  if (!isJsonObject(metadata)) return []
  const settings = readSettings(metadata)
  const known = new Map([...settings].filter(([, value]) => !value.includes('{{')))
  const keys = new Map([...settings].filter(([key]) => !known.has(key)).map(([key]) => [key, '']))
  const at = (key: string) =>
    key === '' ? `${field}.${name}.metadata` : `${field}.${name}.metadata[${key}]`
  return [...settingsFindings(known, at), ...settingsFindings(keys, at).filter(isAboutKey)]
}

function isAboutKey({ problem }: ManifestFinding): boolean {
  return problem === 'the objective key is unknown'
}
