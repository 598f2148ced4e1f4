import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf, member } from '../../common/json.ts'
import type { LocatedDocument } from '../../common/yaml/read.ts'
import { describeIdentity, identify } from '../manifest.ts'
import type { Identity, Manifest } from '../manifest.ts'
import { isClusterScoped } from './cluster-scoped.ts'

/**
 * Reads documents as Kubernetes objects: skips empty documents and replaces a List by its items.
 *
 * @throws {Fault} `OBJECT_INVALID` for a document without apiVersion, kind or name
 */
export function readManifests(documents: readonly LocatedDocument[]): readonly Manifest[] {
  return documents.flatMap((document): readonly Manifest[] => {
    const { value, where, whereField } = document
    if (value === null) return []
    if (!isJsonObject(value)) throw invalid(where(), kindOf(value), 'an object')
    const items = member(value, 'items')
    const isList = identify(value).kind.endsWith('List') && items !== undefined
    if (isList) {
      if (items === null) return []
      if (!isJsonArray(items)) throw invalid(where(), `items: ${kindOf(items)}`, 'a list')
      return readManifests(
        items.map((item, index) => ({
          value: item,
          where,
          ...(whereField && {
            whereField: path => whereField(['items', String(index), ...path])
          })
        }))
      )
    }
    const manifest = { object: value, where, ...(whereField && { whereField }) }
    checkIdentity(manifest)
    return [manifest]
  })
}

function checkIdentity({ object, where }: Manifest): void {
  const { version, kind, name, generateName } = identify(object)
  if (version === '') throw invalid(where(), 'no apiVersion', 'apiVersion, kind and metadata.name')
  if (kind === '') throw invalid(where(), 'no kind', 'apiVersion, kind and metadata.name')
  if (name === '' && generateName === '') {
    const found = member(member(object, 'metadata'), 'name')
    const what = found === undefined ? 'without a name' : `whose name is ${kindOf(found)}`
    throw invalid(where(), `a ${kind} ${what}`, 'metadata.name or metadata.generateName, a string')
  }
}

function invalid(where: string, found: string, expected: string): Fault {
  return new Fault('OBJECT_INVALID', 'not a Kubernetes object', { where, found, expected })
}

/**
 * Refuses an empty result and duplicate objects: Argo CD prunes objects that are missing in the output.
 *
 * @param namespace the destination's namespace, which objects without one get
 * @throws {Fault} `OUTPUT_EMPTY`, `OBJECT_DUPLICATE`
 */
export function checkManifests(
  manifests: readonly Manifest[],
  where: string,
  namespace: string | undefined
): void {
  if (manifests.length === 0) {
    throw new Fault('OUTPUT_EMPTY', 'nothing was rendered', {
      where,
      expected: 'at least one object: Argo CD prunes objects that are not in the output'
    })
  }
  const seen = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const identity = identify(manifest.object)
    if (identity.name === '') continue
    const text = describeIdentity(identity)
    const key = describeIdentity({ ...identity, namespace: appliedNamespace(identity, namespace) })
    const first = seen.get(key)
    if (first !== undefined) {
      throw new Fault('OBJECT_DUPLICATE', `duplicate object ${text}`, {
        where: manifest.where(),
        found: `first defined at ${first.where()}`,
        remedy: 'Rename or remove one of the two.'
      })
    }
    seen.set(key, manifest)
  }
}

/** Objects without a namespace get the destination's; built-in cluster-scoped kinds have none. */
function appliedNamespace(identity: Identity, destination = ''): string {
  if (isClusterScoped(identity)) return ''
  return identity.namespace === '' ? destination : identity.namespace
}
