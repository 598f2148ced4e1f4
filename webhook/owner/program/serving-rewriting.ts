import type { Rewriting } from './rewriting.ts'
import { shellCommands, shellScript } from './shell-script.ts'

const linksModel = /^ln -sf \/proc\/\$\$\/root\/models [\w./-]+ && sleep infinity$/u

/**
 * KServe fills in the templates of a runtime, joins the arguments of a runtime and a model, appends
 * options of its own servers (pkg/apis/serving/v1beta1, controller/v1beta1/inferenceservice/utils), and
 * runs an image that holds a model beside the server (pkg/webhook/admission/pod).
 */
export const kserveRewriting: Rewriting = {
  groups: ['serving.kserve.io'],
  expression: /\{\{[\s\S]*?\}\}/gu,
  joinsArguments: true,
  appended: new Set([
    '--model_name',
    '--model_dir',
    '--predictor_host',
    '--predictor_protocol',
    '--http_port',
    '--workers'
  ]),
  adds: ({ name, command, args }) => {
    const script = shellScript([...command, ...args]) ?? ''
    if (name === 'modelcar') return linksModel.test(script)
    return name === 'modelcar-init' && isCheck(script)
  },
  variables:
    /^(?:PROTOCOL|PROTOCOL_VERSION|MULTI_MODEL_SERVER|KSERVE_\w+|AGGREGATE_PROMETHEUS_METRICS_PORT|CA_BUNDLE_\w+|PIPELINE_PARALLEL_SIZE|TENSOR_PARALLEL_SIZE|RAY_NODE_COUNT|REQUEST_GPU_COUNT|ISVC_NAME|HEAD_SVC|POD_NAMESPACE|MODEL_NAME|PROPAGATE_HEADERS)$/u
}

/** Whether a script only looks for the folder of models and says so. */
function isCheck(script: string): boolean {
  const commands = shellCommands(
    script.replaceAll('$$(ls -A /models)', '').replaceAll(/[()]/gu, ' ')
  )
  return commands?.every(each => /^(?:echo |\[ |exit \d+$)/u.test(each)) === true
}

/** Knative tells a container its port and its revision (pkg/reconciler/revision/resources/deploy.go). */
export const knativeRewriting: Rewriting = {
  groups: ['serving.knative.dev'],
  variables: /^(?:PORT|K_\w+)$/u
}

/**
 * Seldon tells a container its part in a graph, and has it sleep before it ends
 * (operator/controllers and operator/apis/machinelearning.seldon.io/v1 in seldon-core).
 */
export const seldonRewriting: Rewriting = {
  groups: ['machinelearning.seldon.io', 'mlops.seldon.io'],
  adds: ({ role, command, args }) => {
    const script = shellScript([...command, ...args]) ?? ''
    return role === 'exec' && /^(?:\/bin\/)?sleep \d+$/u.test(script)
  },
  variables: /^(?:PREDICTIVE_UNIT_\w+|PREDICTOR_\w+|SELDON_\w+|DEPLOYMENT_\w+|MLSERVER_\w+)$/u
}

/** LeaderWorkerSet tells a container its place in its group (pkg/utils/pod and pkg/utils/accelerators). */
export const lwsRewriting: Rewriting = {
  groups: ['leaderworkerset.x-k8s.io', 'disaggregatedset.x-k8s.io'],
  variables: /^(?:LWS_\w+|TPU_\w+)$/u
}
