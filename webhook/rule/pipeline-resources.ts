import { member } from '../../common/json.ts'
import type { ValueNode } from '../../evidence/workload/walk.ts'
import type { Container } from './container.ts'

/**
 * The container of an executor of Kubeflow Pipelines, whose resources have names of their own
 * (api/v2alpha1/pipeline_spec.proto): `resourceCpuRequest`, and the older `cpuRequest`.
 */
export function pipelineResources({ field, value }: ValueNode): Container {
  const resources = member(value, 'resources')
  return {
    given: (part, name) => [
      member(resources, `resource${capital(name)}${suffix(part)}`),
      member(resources, `${name}${suffix(part)}`)
    ],
    field: (part, name) => `${field}.resources.resource${capital(name)}${suffix(part)}`
  }
}

function suffix(part: 'requests' | 'limits'): string {
  return part === 'requests' ? 'Request' : 'Limit'
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
