import type { WorkloadKind } from './kind.ts'
import { clusterWide, namespaced } from './row.ts'

const template = { podSpecs: ['spec.template.spec'] }
const unitTemplates =
  '(statefulSetTemplate|advancedStatefulSetTemplate|cloneSetTemplate|deploymentTemplate)'

/** Workloads of OpenKruise. Source: its CRDs, config/crd/bases. */
export const kruiseKinds: readonly WorkloadKind[] = [
  ...namespaced('apps.kruise.io', 'run', {
    CloneSet: template,
    StatefulSet: template,
    DaemonSet: template,
    BroadcastJob: template,
    AdvancedCronJob: {
      podSpecs: ['spec.template.(jobTemplate|broadcastJobTemplate).spec.template.spec'],
      images: ['spec.template.imageListPullJobTemplate.spec.images[]']
    },
    UnitedDeployment: {
      podSpecs: [`spec.template.${unitTemplates}.spec.template.spec`],
      searched: ['spec.topology.subsets[].patch']
    },
    WorkloadSpread: { searched: ['spec.subsets[].patch'] },
    EphemeralJob: { containers: ['spec.template.ephemeralContainers[]'] },
    ImagePullJob: { images: ['spec.image'] },
    ImageListPullJob: { images: ['spec.images[]'] }
  }),
  clusterWide('apps.kruise.io/SidecarSet', 'run', {
    containers: ['spec.(containers|initContainers)[]'],
    images: ['spec.(containers|initContainers)[].upgradeStrategy.hotUpgradeEmptyImage'],
    volumes: ['spec.volumes']
  })
]
