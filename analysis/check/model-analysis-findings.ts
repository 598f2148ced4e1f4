import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { flattenSpec, readModelAnalysis } from '../objectives/model-analysis.ts'
import type { ManifestFinding } from './finding.ts'
import { settingsFindings } from './settings-findings.ts'

/** Finds why the analysis would refuse a ModelAnalysis. */
export function modelAnalysisFindings(object: JsonObject): readonly ManifestFinding[] {
  const settings = flattenSpec(object)
  const findings = settings.has('spec')
    ? []
    : settingsFindings(settings, key => (key === '' ? 'spec' : `spec.${key}`))
  if (findings.length > 0) return findings
  try {
    readModelAnalysis(object, '')
    return []
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [{ field: 'spec', problem: error.message }]
  }
}
