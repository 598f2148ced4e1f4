import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import type { ValueNode } from '../../evidence/workload/walk.ts'
import type { Subject } from '../subject/subject.ts'
import type { Container, ResourcePart } from './container.ts'

const roles = ['driver', 'server', 'executor'] as const

/**
 * The pods of a Spark application, whose resources have names of their own: cores and memory of the driver
 * (or the Connect server) and the executor, or the settings of Spark. Spark sets the same memory as request
 * and limit. Sidecars and init containers are containers as anywhere.
 */
export function sparkContainers({ object, identity, workload }: Subject): readonly Container[] {
  const isScheduled = identity.kind === 'ScheduledSparkApplication'
  const spec = isScheduled ? member(object.spec, 'template') : object.spec
  const path = isScheduled ? 'spec.template' : 'spec'
  const main: Container[] = roles.flatMap(role => {
    const pod = member(spec, role)
    return isJsonObject(pod) ? [mainContainer(role, pod, { path, spec: spec ?? null })] : []
  })
  return [...main, ...(workload?.images ?? []).flatMap(({ node }) => besides(node.parent))]
}

function mainContainer(
  role: (typeof roles)[number],
  pod: JsonValue,
  { path, spec }: { readonly path: string; readonly spec: JsonValue }
): Container {
  const conf = member(spec, 'sparkConf')
  const ofSpark = role === 'server' ? 'driver' : role
  const setting = (name: string) => member(conf, name)
  const first = firstContainer(pod)
  return {
    given: (part, name) => [
      member(member(member(first, 'resources'), part), name),
      ...(name === 'cpu' && part === 'requests'
        ? [
            member(pod, 'cores'),
            member(pod, 'coreRequest'),
            setting(`spark.${ofSpark}.cores`),
            setting(`spark.kubernetes.${ofSpark}.request.cores`)
          ]
        : []),
      ...(name === 'cpu' && part === 'limits'
        ? [member(pod, 'coreLimit'), setting(`spark.kubernetes.${ofSpark}.limit.cores`)]
        : []),
      ...(name === 'memory'
        ? [
            quantityOfJvm(stringMember(pod, 'memory')),
            quantityOfJvm(stringMember(conf, `spark.${ofSpark}.memory`))
          ]
        : [])
    ],
    field: (part, name) => `${path}.${role}.${memberFor(part, name)}`
  }
}

function memberFor(part: ResourcePart, name: string): string {
  if (name === 'memory') return 'memory'
  if (name === 'cpu') return part === 'requests' ? 'cores' : 'coreLimit'
  return `template.spec.containers[0].resources.${part}.${name}`
}

/** Spark's main container is the first of the template, and Spark sets its CPU and memory. */
function firstContainer(pod: JsonValue): JsonValue | undefined {
  const containers = member(member(member(pod, 'template'), 'spec'), 'containers')
  return isJsonArray(containers) ? containers[0] : undefined
}

/** `4g` and `512mb` in Spark are 1024-based; Kubernetes writes `4Gi`. Undefined for any other text. */
function quantityOfJvm(text: string | undefined): string | undefined {
  const [, digits, unit = 'm'] = /^(\d+)([kmgtp])?b?$/i.exec(text?.trim() ?? '') ?? []
  return digits === undefined ? undefined : `${digits}${unit.toUpperCase()}i`
}

/** A container beside the main one: of a list, and not the first of a template's containers. */
function besides(node: ValueNode | undefined): readonly Container[] {
  const list = node?.parent
  if (node === undefined || list === undefined || !isJsonArray(list.value)) return []
  if (list.key === 'containers' && node.key === '[0]') return []
  const resources = member(node.value, 'resources')
  return [
    {
      given: (part, name) => [member(member(resources, part), name)],
      field: (part, name) => `${node.field}.resources.${part}.${name}`
    }
  ]
}
