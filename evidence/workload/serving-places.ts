import type { OpaquePlace, WorkloadPlaces } from './kind.ts'
import { bound, local } from './opaque-place.ts'

/** `model`, and the older keys by framework, which KServe still accepts. */
const inferenceServers =
  '(model|huggingface|lightgbm|mlflow|onnx|paddle|pmml|pytorch|sklearn|tensorflow|triton|xgboost' +
  '|alibi|aix|art)'

/** The components of an InferenceService, each a pod spec with a model server. */
export function inferenceService(component: string): WorkloadPlaces {
  const server = `${component}.${inferenceServers}`
  return {
    podSpecs: [component, `${component}.workerSpec`],
    containers: [server],
    models: [
      `${server}.(storageUri|storageUris[].uri|storage.path)`,
      `${component}.storageUris[].uri`
    ],
    opaque: [
      local(`${server}.runtime`, 'names a runtime that provides the container'),
      local(`${server}.storage.key`, 'names a location by a key in a secret'),
      local(`${component}.storageContainerName`, 'names a container that downloads the model'),
      bound(`${server}.storage.parameters`, 'decides where the model is downloaded from'),
      bound(
        `${component}.(alibi|aix|art).(type|config)`,
        'chooses the explainer and what it loads'
      ),
      ...chosenRuntime(component)
    ]
  }
}

/** The older keys of a predictor. KServe's webhook rewrites them to `model`, with the format of their name. */
const formats =
  '(sklearn|xgboost|tensorflow|pytorch|triton|onnx|huggingface|pmml|lightgbm|paddle|mlflow)'

/** The words by which KServe chooses a runtime, and the tag of its image. */
function chosenRuntime(component: string): OpaquePlace[] {
  const format = 'chooses a runtime that provides the container'
  const version = 'chooses the tag of the image of the runtime'
  return [
    bound(`${component}.model.modelFormat`, format),
    bound(`${component}.model.runtimeVersion`, version),
    {
      ...bound(`${component}.${formats}`, format),
      as: ({ field, key }) => ({ field: modelField(field, 'modelFormat'), value: { name: key } })
    },
    {
      ...bound(`${component}.${formats}.runtimeVersion`, version),
      as: ({ parent, value }) => ({
        field: modelField(parent?.field ?? '', 'runtimeVersion'),
        value
      })
    }
  ]
}

function modelField(server: string, member: string): string {
  return `${server.slice(0, server.lastIndexOf('.'))}.model.${member}`
}

/** A model that KServe keeps on nodes. */
export function cachedModel(): WorkloadPlaces {
  return {
    models: ['spec.sourceModelUri'],
    opaque: [bound('spec.storage', 'decides where the model is downloaded from')]
  }
}

/** A model of ModelMesh, which is kept at a path of a store. */
export function modelMeshPredictor(): WorkloadPlaces {
  return {
    models: ['spec.(path|storage.path)'],
    opaque: [
      local('spec.runtime', 'names a runtime that provides the container'),
      bound('spec.modelType', 'chooses a runtime that provides the container'),
      bound('spec.storage', 'decides where the model is downloaded from')
    ]
  }
}

/** A runtime of KServe. */
export function servingRuntime(): WorkloadPlaces {
  return {
    podSpecs: ['spec', 'spec.workerSpec'],
    opaque: [bound('spec.builtInAdapter', 'adds a container of KServe')]
  }
}

/** An LLMInferenceService or its configuration; adapters of a model are models. */
export function llmInferenceService(): WorkloadPlaces {
  return {
    podSpecs: [
      'spec.(template|worker|prefill.(template|worker))',
      'spec.router.scheduler.(template|tokenizer.template)'
    ],
    models: ['spec.model(.lora.adapters[])*.uri'],
    opaque: [local('spec.baseRefs', 'names configurations that provide containers and models')]
  }
}

/** A deployment of Seldon Core 1, whose graph nests. */
export function seldonDeployment(): WorkloadPlaces {
  const unit = 'spec.predictors[].graph(.children[])*'
  const explainer = 'spec.predictors[].explainer'
  return {
    podSpecs: ['spec.predictors[].componentSpecs[].spec'],
    containers: [`${explainer}.containerSpec`],
    images: [`${unit}.storageInitializerImage`, `${explainer}.storageInitializerImage`],
    models: [`${unit}.modelUri`, `${explainer}.modelUri`],
    opaque: [
      bound(`${unit}.(implementation|type|parameters)`, 'chooses the server and what it loads'),
      bound(`${explainer}.(type|config|initParameters)`, 'chooses the explainer and what it loads'),
      bound(
        `(${unit}|${explainer}).envSecretRefName`,
        'decides where the model is downloaded from'
      ),
      bound(`${unit}.endpoint.service_host`, 'sends requests to a host')
    ]
  }
}

/** A model of Seldon Core 2, which a server loads. */
export function seldonModel(): WorkloadPlaces {
  return {
    models: ['spec.storageUri'],
    opaque: [
      bound('spec.secretName', 'decides where the model is downloaded from'),
      bound('spec.(requirements|modelType|server)', 'chooses the server'),
      bound('spec.(parameters|explainer|llm)', 'decides what the server loads'),
      bound('spec.artifactVersion', 'chooses the version of the model')
    ]
  }
}
