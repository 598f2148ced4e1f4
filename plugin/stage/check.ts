import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf, member } from '../../common/json.ts'
import type { LocatedDocument } from '../../common/yaml/read.ts'
import { describeIdentity, identify } from '../manifest.ts'
import type { Manifest } from '../manifest.ts'

/**
 * Documents as objects of Kubernetes: empty ones are left out, the items of a List stand for
 * themselves.
 *
 * @throws {Fault} `OBJECT_INVALID` for a document without apiVersion, kind or name
 */
export function readManifests(documents: readonly LocatedDocument[]): readonly Manifest[] {
  return documents.flatMap(({ value, where }): readonly Manifest[] => {
    if (value === null) return []
    if (!isJsonObject(value)) throw invalid(where(), kindOf(value), 'an object')
    const items = member(value, 'items')
    const isList = identify(value).kind.endsWith('List') && items !== undefined
    if (isList) {
      if (items === null) return []
      if (!isJsonArray(items)) throw invalid(where(), `items: ${kindOf(items)}`, 'a list')
      return readManifests(items.map(item => ({ value: item, where })))
    }
    checkIdentity({ object: value, where })
    return [{ object: value, where }]
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
  return new Fault('OBJECT_INVALID', 'this is no object of Kubernetes', { where, found, expected })
}

/**
 * Refuses what Argo CD would take for a change of mind: nothing at all, or the same object twice.
 * Argo CD prunes what is not printed.
 *
 * @throws {Fault} `OUTPUT_EMPTY`, `OBJECT_DUPLICATE`
 */
export function checkManifests(manifests: readonly Manifest[], where: string): void {
  if (manifests.length === 0) {
    throw new Fault('OUTPUT_EMPTY', 'nothing was rendered', {
      where,
      expected: 'at least one object: Argo CD prunes what is not printed'
    })
  }
  const seen = new Map<string, Manifest>()
  for (const manifest of manifests) {
    const identity = identify(manifest.object)
    if (identity.name === '') continue
    const text = describeIdentity(identity)
    const first = seen.get(text)
    if (first !== undefined) {
      throw new Fault('OBJECT_DUPLICATE', `${text} stands twice`, {
        where: manifest.where(),
        found: `the first at ${first.where()}`,
        remedy: 'Rename or remove one of the two.'
      })
    }
    seen.set(text, manifest)
  }
}
