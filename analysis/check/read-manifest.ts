import { stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { isModelAnalysis } from '../objectives/model-analysis.ts'
import { canaryFindings } from './canary-findings.ts'
import type { ManifestReading } from './finding.ts'
import { modelAnalysisFindings } from './model-analysis-findings.ts'
import { templateFindings } from './template-findings.ts'

const templateKinds = new Set(['AnalysisTemplate', 'ClusterAnalysisTemplate', 'AnalysisRun'])

/** Reads a manifest as Flagger, Argo Rollouts and the analysis will; undefined for a kind that none of them does. */
export function readManifest(object: JsonObject): ManifestReading | undefined {
  const group = (stringMember(object, 'apiVersion') ?? '').split('/')[0] ?? ''
  const kind = stringMember(object, 'kind') ?? ''
  if (group === 'flagger.app' && kind === 'Canary') {
    return { kind: 'canary', findings: canaryFindings(object) }
  }
  if (isModelAnalysis(object)) {
    return { kind: 'modelAnalysis', findings: modelAnalysisFindings(object) }
  }
  if (group === 'argoproj.io' && templateKinds.has(kind)) {
    return { kind: 'analysisTemplate', findings: templateFindings(object) }
  }
  return undefined
}
