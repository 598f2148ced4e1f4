import { isJsonObject, stringMember } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'

const kinds = ['', 'Component', 'Kustomization']

/**
 * True for a document of a `kustomization.yaml` that kustomize itself reads. Kustomize allows to leave out
 * its apiVersion and kind; any other document of the file is an object like those of other files.
 *
 * @param file its path or name
 */
export function isKustomization(value: JsonValue, file: string): boolean {
  if (!/(?:^|\/)kustomization\.ya?ml$/.test(file) || !isJsonObject(value)) return false
  const apiVersion = stringMember(value, 'apiVersion')
  if (apiVersion !== undefined) return apiVersion.startsWith('kustomize.config.k8s.io/')
  return kinds.includes(stringMember(value, 'kind') ?? '') && !Object.hasOwn(value, 'items')
}
