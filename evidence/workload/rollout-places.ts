import type { WorkloadPlaces } from './kind.ts'
import { local, remote } from './opaque-place.ts'

const analysisReason = 'names an analysis that may run jobs'

/** A rollout of Argo Rollouts: its pods, and the analyses of its strategy, which can run jobs. */
export function rollout(): WorkloadPlaces {
  const step = 'spec.strategy.canary.steps[]'
  const analyses = `spec.strategy.(canary.analysis|blueGreen.(prePromotionAnalysis|postPromotionAnalysis))`
  return {
    podSpecs: ['spec.template.spec'],
    opaque: [
      local('spec.workloadRef', 'names a workload that provides the containers'),
      local(`(${analyses}|${step}.analysis).templates[]`, analysisReason),
      local(`${step}.experiment.analyses[]`, analysisReason),
      remote(`${step}.plugin`, 'is run by a plugin of the controller')
    ]
  }
}

/** An experiment of Argo Rollouts. */
export function rolloutExperiment(): WorkloadPlaces {
  return {
    podSpecs: ['spec.templates[].template.spec'],
    opaque: [local('spec.analyses[]', analysisReason)]
  }
}

/** An analysis of Argo Rollouts, which can run jobs. */
export function analysis(): WorkloadPlaces {
  return {
    podSpecs: ['spec.metrics[].provider.job.spec.template.spec'],
    opaque: [
      local('spec.templates[]', analysisReason),
      remote('spec.metrics[].provider.plugin', 'is run by a plugin of the controller')
    ]
  }
}
