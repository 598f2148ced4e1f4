import { Fault } from '../../common/fault.ts'
import { member, stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { annotations } from '../../evidence/annotations.ts'
import { describeIdentity, identify } from '../manifest.ts'
import { annotate } from '../stage/stamp.ts'
import { fileOfItem } from './resource-list.ts'

const pathAnnotation = 'internal.config.kubernetes.io/path'

/**
 * Adds the objects that a generator rendered to the items. In a kpt package, whose items have files, the
 * rendered objects go to files in the generator's own folder, and objects that an earlier run left there
 * are removed, so that the Job of an earlier commit does not stay.
 * kustomize passes a generator only its own configuration and drops it afterwards. It is left out,
 * because returning it costs kustomize 150 ms with 1,000 objects.
 *
 * @param folder the generator's name, which is also its folder in a kpt package
 * @throws {Fault} `OBJECT_DUPLICATE` if an item that the generator does not own is the same object
 */
export function withGenerated(
  items: readonly JsonObject[],
  generated: readonly JsonObject[],
  folder: string
): readonly JsonObject[] {
  const isPackage = items.some(item => fileOfItem(item) !== undefined)
  const kept = items.filter(item => !isOwn(item, folder))
  const names = new Map(kept.map(item => [describeIdentity(identify(item)), item]))
  for (const object of generated) {
    const identity = describeIdentity(identify(object))
    const other = names.get(identity)
    if (other === undefined) continue
    throw new Fault('OBJECT_DUPLICATE', `${identity} is duplicated`, {
      where: fileOfItem(other) ?? 'items',
      remedy: 'Rename or remove one of the two.'
    })
  }
  if (!isPackage) return [...kept.filter(item => !isConfiguration(item, folder)), ...generated]
  return [
    ...kept,
    ...generated.map(object => annotate(object, { [pathAnnotation]: fileOf(object, folder) }))
  ]
}

/** Whether an item is this generator's configuration, which kustomize marks as not for a cluster. */
function isConfiguration(item: JsonObject, generator: string): boolean {
  const { group, kind, name } = identify(item)
  const isGenerator = group === 'mlgitops.io' && kind === 'RenderGenerator' && name === generator
  return isGenerator && annotation(item, 'config.kubernetes.io/local-config') === 'true'
}

/** Whether an earlier run rendered an item: it is in the generator's folder and stamped. */
function isOwn(item: JsonObject, folder: string): boolean {
  const isStamped = annotation(item, annotations.gitCommit) !== undefined
  return isStamped && (fileOfItem(item)?.startsWith(`${folder}/`) ?? false)
}

function annotation(item: JsonObject, name: string): string | undefined {
  return stringMember(member(member(item, 'metadata'), 'annotations'), name)
}

function fileOf(object: JsonObject, folder: string): string {
  const { group, kind, namespace, name, generateName } = identify(object)
  const parts = [kind, group, namespace, name === '' ? generateName : name]
  const text = parts.filter(part => part !== '').join('_')
  return `${folder}/${text.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '-')}.yaml`
}
