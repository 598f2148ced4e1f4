import { stringifyJson } from '../common/json.ts'
import { writeYaml } from '../common/yaml/write.ts'
import type { Manifest } from './manifest.ts'

/** The output formats of a render. */
export const outputFormats = ['yaml', 'json'] as const

export type OutputFormat = (typeof outputFormats)[number]

/** Prints manifests as a stream of YAML documents, or as one `v1` `List` in JSON. */
export function printManifests(manifests: readonly Manifest[], format: OutputFormat): string {
  const objects = manifests.map(({ object }) => object)
  if (format === 'yaml') return objects.map(object => `---\n${writeYaml(object)}`).join('')
  return `${stringifyJson({ apiVersion: 'v1', kind: 'List', items: objects }, { indent: 2 })}\n`
}
