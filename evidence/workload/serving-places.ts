import type { WorkloadPlaces } from './kind.ts'
import { local } from './opaque-place.ts'

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
      local(`${server}.storage.key`, 'names a location by a key in a secret')
    ]
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
    models: [`${unit}.modelUri`, `${explainer}.modelUri`]
  }
}
