import { isJsonArray, member } from '../../common/json.ts'
import type { JsonValue } from '../../common/json.ts'
import { lineCounter } from '../../common/yaml/source-text.ts'
import { locateYaml, readYaml } from '../../common/yaml/read.ts'
import type { FieldPath } from '../../common/yaml/read.ts'
import { isKustomization } from './kustomization-file.ts'

/** Returns the line of a field, or of the nearest one above it. */
export type LineOf = (path: FieldPath) => number

/** An object with its file and line, or its name in the cluster. */
export interface PolicySource {
  readonly value: JsonValue
  readonly where: string
  /** Undefined for an object of the cluster. */
  readonly lineOf?: LineOf
}

/**
 * Reads the objects of a file of policies. What kustomize reads in a `kustomization.yaml` is left out.
 *
 * @param file the name in messages
 * @throws {Fault} of YAML
 */
export function readPolicySources(text: string, file: string): readonly PolicySource[] {
  return readYaml(text, { file })
    .map(({ value, line }, index) => {
      return { value, where: `${file}:${line}`, lineOf: linesOf(text, file, index) }
    })
    .filter(({ value }) => value !== null && !isKustomization(value, file))
}

/** Reads the text again, so that positions cost nothing until a message needs one. */
function linesOf(text: string, file: string, document: number): LineOf {
  return path => {
    const count = lineCounter(text)
    const located = locateYaml(text, { file, locate: offset => String(count(offset)) })
    return Number(located[document]?.whereField?.(path))
  }
}

/** Opens lists at any depth, each item with its own lines. */
export function openPolicySource({ value, where, lineOf }: PolicySource): readonly PolicySource[] {
  const items = member(value, 'items')
  if (!isJsonArray(items)) return [{ value, where, ...(lineOf === undefined ? {} : { lineOf }) }]
  return items.flatMap((item, index) =>
    openPolicySource({
      value: item,
      where,
      ...(lineOf === undefined
        ? {}
        : { lineOf: (path: FieldPath) => lineOf(['items', String(index), ...path]) })
    })
  )
}
