import { member, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { identify } from '../../../evidence/identity.ts'
import type { Program } from './program.ts'
import type { Rewriting } from './rewriting.ts'
import { statedProgram } from './stated-program.ts'

const tuneWord =
  /^(?:--(?:nnodes|nproc_per_node|rdzv_id|rdzv_endpoint|config)(?:=.*)?|\w+_finetune_(?:single_device|distributed)|[\w.]+\/[\w.]+|[\w.]+=.*|\d+)$/u

/**
 * Kubeflow Trainer tells a container its place among others, writes the words that follow `tune run`, and
 * tells initializers what to download (pkg/runtime/framework/plugins in kubeflow/trainer).
 */
export const trainerRewriting: Rewriting = {
  groups: ['trainer.kubeflow.org'],
  unwrap: ([tune = '', run = '', ...rest]) => {
    if (tune !== 'tune' || run !== 'run') return undefined
    return [tune, run, ...rest.filter(word => !tuneWord.test(word))]
  },
  variables:
    /^(?:PET_\w+|OMPI_\w+|I_MPI_\w+|HYDRA_\w+|JAX_\w+|COORDINATOR_ADDRESS|NUM_PROCESSES|PROCESS_ID|MASTER_ADDR|MASTER_PORT|WORLD_SIZE|RANK)$/u,
  stated: initializersOf
}

function initializersOf(owner: JsonObject): readonly Program[] {
  const { group, kind } = identify(owner)
  if (group !== 'trainer.kubeflow.org' || kind !== 'TrainJob') return []
  const initializer = member(owner.spec, 'initializer')
  return ['dataset', 'model'].flatMap(key => {
    const value = stringMember(member(initializer, key), 'storageUri')
    const secretRef = member(member(initializer, key), 'secretRef')
    if (value === undefined) return []
    const env = [{ name: 'STORAGE_URI', value, from: undefined }]
    return [statedProgram({ env, envFrom: secretRef === undefined ? [] : [{ secretRef }] })]
  })
}

/** Volcano's plugins tell a container its place among others (pkg/controllers/job/plugins). */
export const volcanoRewriting: Rewriting = {
  groups: ['batch.volcano.sh', 'flow.volcano.sh'],
  variables:
    /^(?:VK_TASK_INDEX|VC_\w+|MPI_HOST|TF_CONFIG|MASTER_ADDR|MASTER_PORT|WORLD_SIZE|RANK)$/u
}
