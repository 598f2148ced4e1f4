import type { OpaquePlace, StatusPlaces, WorkloadPlaces } from './kind.ts'
import { bound, local, object } from './opaque-place.ts'

const remoteParts = {
  members: ['resolver', 'bundle'],
  reason: 'fetches the steps at run time'
} as const

/**
 * A reference of Tekton, bound whole: by name in the cluster, or by a resolver or bundle and its
 * parameters from elsewhere.
 *
 * @param kind what Tekton's webhook writes for the kind that a reference by name does not have
 */
export function tektonRef(ref: string, kind?: 'Task'): OpaquePlace {
  const reason = 'names an object that provides the steps'
  const place = kind === undefined ? local(ref, reason) : local(ref, reason, { kind })
  return { ...place, remote: remoteParts }
}

/** The steps and sidecars of a task spec at `task`. */
export function tektonTask(task: string) {
  return {
    containers: [`${task}.(stepTemplate|steps[]|sidecars[])`],
    volumes: [`${task}.volumes`],
    opaque: [tektonRef(`${task}.steps[].ref`)]
  } satisfies WorkloadPlaces
}

/** A task run: its embedded task and its pod template. */
export function tektonTaskRun(): WorkloadPlaces & { readonly status: StatusPlaces } {
  const { containers, volumes, opaque } = tektonTask('spec.taskSpec')
  return {
    containers,
    volumes: [...volumes, 'spec.podTemplate.volumes'],
    opaque: [...opaque, tektonRef('spec.taskRef', 'Task')],
    // pkg/reconciler/taskrun/resources/taskref.go: a spec in the status is not resolved again.
    status: {
      resource: 'taskruns',
      members: ['taskSpec'],
      places: tektonTask('status.taskSpec')
    }
  }
}

/** The tasks of a pipeline spec at `pipeline`; a task can embed a pipeline. */
export function tektonPipeline(pipeline: string) {
  const task = `${pipeline}(.(tasks|finally)[].pipelineSpec)*.(tasks|finally)[]`
  const { containers, volumes, opaque } = tektonTask(`${task}.taskSpec`)
  return {
    containers,
    volumes,
    opaque: [
      ...opaque,
      object(`${task}.taskSpec.spec`, 'belongs to a custom task'),
      bound(`${task}.taskSpec.(kind|apiVersion)`, 'chooses the controller of a custom task'),
      tektonRef(`${task}.taskRef`, 'Task'),
      tektonRef(`${task}.pipelineRef`)
    ]
  } satisfies WorkloadPlaces
}

/** A pipeline run: its embedded pipeline and its pod templates. */
export function tektonPipelineRun(): WorkloadPlaces & { readonly status: StatusPlaces } {
  const { containers, volumes, opaque } = tektonPipeline('spec.pipelineSpec')
  return {
    containers,
    volumes: [
      ...volumes,
      'spec.(podTemplate|taskRunTemplate.podTemplate).volumes',
      'spec.taskRunSpecs[].(podTemplate|taskPodTemplate).volumes'
    ],
    opaque: [...opaque, tektonRef('spec.pipelineRef')],
    // pkg/reconciler/pipelinerun/resources/pipelineref.go, as for a TaskRun.
    status: {
      resource: 'pipelineruns',
      members: ['pipelineSpec'],
      places: tektonPipeline('status.pipelineSpec')
    }
  }
}
