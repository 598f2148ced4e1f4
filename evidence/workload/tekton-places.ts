import type { OpaquePlace, WorkloadPlaces } from './kind.ts'
import { local, object, remote } from './opaque-place.ts'

/** A reference of Tekton: by name in the cluster, or by a resolver or bundle from elsewhere. */
export function tektonRef(ref: string): OpaquePlace[] {
  return [
    local(`${ref}.name`, 'names an object that provides the steps'),
    remote(`${ref}.(resolver|bundle)`, 'fetches the steps at run time')
  ]
}

/** The steps and sidecars of a task spec at `task`. */
export function tektonTask(task: string) {
  return {
    containers: [`${task}.(stepTemplate|steps[]|sidecars[])`],
    volumes: [`${task}.volumes`],
    opaque: tektonRef(`${task}.steps[].ref`)
  } satisfies WorkloadPlaces
}

/** A task run: its embedded task and its pod template. */
export function tektonTaskRun(): WorkloadPlaces {
  const { containers, volumes, opaque } = tektonTask('spec.taskSpec')
  return {
    containers,
    volumes: [...volumes, 'spec.podTemplate.volumes'],
    opaque: [...opaque, ...tektonRef('spec.taskRef')]
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
      ...tektonRef(`${task}.(taskRef|pipelineRef)`)
    ]
  } satisfies WorkloadPlaces
}

/** A pipeline run: its embedded pipeline and its pod templates. */
export function tektonPipelineRun(): WorkloadPlaces {
  const { containers, volumes, opaque } = tektonPipeline('spec.pipelineSpec')
  return {
    containers,
    volumes: [
      ...volumes,
      'spec.(podTemplate|taskRunTemplate.podTemplate).volumes',
      'spec.taskRunSpecs[].(podTemplate|taskPodTemplate).volumes'
    ],
    opaque: [...opaque, ...tektonRef('spec.pipelineRef')]
  }
}
