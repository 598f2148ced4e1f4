import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { always } from './addition.ts'
import type { Additions, Sets } from './addition.ts'

// tektoncd/pipeline v1.5.0 to v1.9.0: pkg/apis/pipeline/v1, v1beta1 and v1alpha1.

/** param_types.go, `ParamSpec.SetDefaults`: the type follows the properties, then the default. */
const isParamType: Sets = ({ parent, found }) => found === paramType(parent?.found)

function paramType(param: JsonValue | undefined): string {
  if (member(param, 'properties') !== undefined) return 'object'
  const value = member(param, 'default')
  if (isJsonArray(value)) return 'array'
  return isJsonObject(value) ? 'object' : 'string'
}

/** result_defaults.go, `TaskResult.SetDefaults` and `StepResult.SetDefaults`. */
const isResultType: Sets = ({ parent, found }) =>
  found === (member(parent?.found, 'properties') === undefined ? 'string' : 'object')

/** pipeline_defaults.go and taskrun_defaults.go: a Task of the cluster, unless a resolver finds it. */
const isTaskKind: Sets = ({ parent, found }) =>
  found === 'Task' && (member(parent?.found, 'resolver') ?? '') === ''

/** pkg/apis/config/default.go, DefaultTimeoutMinutes, as Go writes it; a cluster can configure another one. */
const isTimeout = always('1h0m0s')

function params(at: string): Additions {
  return {
    [`${at}.params.type`]: isParamType,
    [`${at}.params.properties.*.type`]: always('string')
  }
}

/** task_defaults.go and stepaction_defaults.go. */
function task(at: string): Additions {
  return {
    ...params(at),
    [`${at}.results.type`]: isResultType,
    [`${at}.results.properties.*.type`]: always('string')
  }
}

/** pipeline_defaults.go: not those of the pipelines in its tasks. */
function pipeline(at: string): Additions {
  const tasks = ['tasks', 'finally'].map(list => ({
    [`${at}.${list}.taskRef.kind`]: isTaskKind,
    ...task(`${at}.${list}.taskSpec`)
  }))
  return Object.assign({}, params(at), ...tasks) as Additions
}

/** What Tekton's webhook sets. */
export const tektonAdditions: Readonly<Record<string, Additions>> = {
  'tekton.dev/Task': task('spec'),
  'tekton.dev/ClusterTask': task('spec'),
  'tekton.dev/StepAction': task('spec'),
  'tekton.dev/Pipeline': pipeline('spec'),
  'tekton.dev/TaskRun': {
    'spec.taskRef.kind': isTaskKind,
    'spec.timeout': isTimeout,
    ...task('spec.taskSpec')
  },
  'tekton.dev/PipelineRun': {
    // v1; v1beta1 sets `timeout` where there are no `timeouts`.
    'spec.timeouts.pipeline': isTimeout,
    'spec.timeout': isTimeout,
    ...pipeline('spec.pipelineSpec')
  }
}
