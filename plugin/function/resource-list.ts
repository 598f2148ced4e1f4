import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, kindOf, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { ScalarStyles } from '../../common/yaml/scalar-styles.ts'
import { writeYaml } from '../../common/yaml/write.ts'
import { identify } from '../manifest.ts'
import { isTemplate } from '../template/render-template.ts'
import { functionKinds } from './function-config.ts'

/** What a KRM function receives, and returns with changed items and results. */
export interface ResourceList {
  readonly items: readonly JsonObject[]
  readonly functionConfig: JsonValue | undefined
  /** How the items' strings with expressions are written; undefined in JSON, which programs print. */
  readonly styles: ScalarStyles | undefined
}

/** One result of a function. Source: functions-spec.md of sigs.k8s.io/kustomize, `results`. */
export interface FunctionResult {
  readonly message: string
  readonly severity: 'error' | 'warning' | 'info'
}

const apiVersion = 'config.kubernetes.io/v1'

/**
 * Reads a ResourceList in YAML or JSON.
 *
 * @throws {Fault} `RESOURCE_LIST_INVALID`, `YAML_*`
 */
export function readResourceList(text: string): ResourceList {
  const isJson = /^\s*\{/.test(text)
  const styles = new ScalarStyles(isTemplate)
  const [document, second] = readYaml(text, {
    file: 'stdin',
    schema: 'core',
    exactNumbers: 'integers',
    styles
  })
  const value = document?.value
  if (stringMember(value, 'kind') !== 'ResourceList' || second !== undefined) {
    const found =
      second === undefined ? (stringMember(value, 'kind') ?? kindOf(value)) : 'several documents'
    throw invalid(found, `one ResourceList of ${apiVersion}, as kustomize and kpt send it`)
  }
  const items = member(value, 'items') ?? null
  if (items !== null && !isJsonArray(items)) throw invalid(`items: ${kindOf(items)}`, 'a list')
  const objects = (items ?? []).map(item => {
    if (isJsonObject(item)) return item
    throw invalid(`${kindOf(item)} in items`, 'objects')
  })
  return {
    items: objects,
    functionConfig: member(value, 'functionConfig'),
    styles: isJson ? undefined : styles
  }
}

/**
 * Reads the standard input of a legacy kustomize plugin: YAML documents, or nothing.
 *
 * @throws {Fault} `RESOURCE_LIST_INVALID`, `YAML_*`
 */
export function readStream(text: string): readonly JsonObject[] {
  return readYaml(text, { file: 'stdin', schema: 'core', exactNumbers: 'integers' }).flatMap(
    ({ value, line }) => {
      if (value === null) return []
      if (isJsonObject(value)) return [value]
      throw invalid(`${kindOf(value)} in line ${line}`, 'objects')
    }
  )
}

function invalid(found: string, expected: string): Fault {
  return new Fault('RESOURCE_LIST_INVALID', 'the input of the function is invalid', {
    where: 'stdin',
    found,
    expected
  })
}

/** Writes the ResourceList that a function prints, as YAML. */
export function writeResourceList(
  { items, functionConfig }: Omit<ResourceList, 'styles'>,
  results: readonly FunctionResult[]
): string {
  return writeYaml({
    apiVersion,
    kind: 'ResourceList',
    items,
    ...(functionConfig === undefined ? {} : { functionConfig }),
    results: results.map(result => ({ ...result }))
  })
}

const toolGroups = new Set(['kustomize.config.k8s.io', 'kpt.dev', 'config.kubernetes.io'])

const toolFiles = new Set(['Kptfile', 'kustomization.yaml', 'kustomization.yml', 'Kustomization'])
const toolKinds = new Set(['Kptfile', 'Kustomization', 'Component'])

/**
 * Whether an item is for a cluster: not a tool's own file and not marked as local. kustomization files can
 * omit their apiVersion and kind, and kpt sends the name of their file.
 */
export function isForCluster(item: JsonObject): boolean {
  const { group, kind } = identify(item)
  const isFunction = group === 'mlgitops.io' && functionKinds.some(name => name === kind)
  const hasType = stringMember(item, 'apiVersion') !== undefined
  const isToolFile = toolFiles.has(path.posix.basename(fileOfItem(item) ?? ''))
  const isTool = hasType ? toolGroups.has(group) : isToolFile || toolKinds.has(kind)
  return !isLocal(item) && !isFunction && !isTool
}

/** Any value but false counts, with and without quotes, as it does to kpt. */
function isLocal(item: JsonObject): boolean {
  const marked = member(annotationsOf(item), 'config.kubernetes.io/local-config')
  return marked !== undefined && marked !== false && marked !== 'false'
}

/** Whether kustomize sent an item: it prints every item anew, and loses how its strings were written. */
export function isFromKustomize(item: JsonObject): boolean {
  return member(annotationsOf(item), 'kustomize.config.k8s.io/id') !== undefined
}

/** The file of a package that an item comes from, if the sender names it. */
export function fileOfItem(item: JsonObject): string | undefined {
  const annotations = annotationsOf(item)
  return (
    stringMember(annotations, 'internal.config.kubernetes.io/path') ??
    stringMember(annotations, 'config.kubernetes.io/path')
  )
}

function annotationsOf(item: JsonObject): JsonValue | undefined {
  return member(member(item, 'metadata'), 'annotations')
}
