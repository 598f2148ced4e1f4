import { workloadTable } from '../workload/table.ts'

/** The groups of Kubernetes' own kinds in the workload table. */
export const coreGroups: ReadonlySet<string> = new Set(['', 'apps', 'batch'])

/** For the kinds of Kubernetes in the workload table, which have one pod spec each. */
const runningPaths: ReadonlyMap<string, readonly (readonly string[])[]> = new Map(
  workloadTable
    .filter(({ group }) => coreGroups.has(group))
    .map(({ group, kind, podSpecs = [] }) => {
      const claims = kind === 'StatefulSet' ? ['spec.volumeClaimTemplates'] : []
      return [`${group}/${kind}`, [...podSpecs, ...claims].map(path => path.split('.'))]
    })
)

/**
 * The paths of what decides what runs: in kinds of Kubernetes only pod specs and claims of volumes.
 * Undefined for a custom resource, any field of which can.
 */
export function runningPathsOf({
  group,
  kind
}: {
  readonly group: string
  readonly kind: string
}): readonly (readonly string[])[] | undefined {
  return runningPaths.get(`${group}/${kind}`)
}
