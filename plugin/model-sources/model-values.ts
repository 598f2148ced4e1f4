import { isUtf8 } from 'node:buffer'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, stringifyJson } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { ModelValues } from '../origin/source-selection.ts'
import { projectFile } from '../project/project.ts'
import type { Project } from '../project/project.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { readValues, valueFilePaths } from '../sources.ts'
import type { ValueFilePath } from '../sources.ts'
import { parseKeyPath } from '../values/key-path.ts'
import type { PathKey } from '../values/key-path.ts'
import { mergeValues } from '../values/merge.ts'

/** A value that is part of the model. */
export interface ModelValue {
  /** As `model.values` writes it. */
  readonly text: string
  readonly keys: readonly PathKey[]
}

/** The values that a project declares as part of its model. @throws {Fault} `VALUES_KEY` */
export function declaredValues(project: Project, where: string): readonly ModelValue[] {
  return project.model.values.map(text => ({ text, keys: parseKeyPath(text, where) }))
}

/**
 * The model's values, from the value files that apply without an environment; undefined if the project
 * declares none.
 *
 * @throws {Fault} `VALUES_KEY`, `PATH_OUTSIDE`
 */
export function modelValues(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): ModelValues | undefined {
  const where = tree.nameOf(path.posix.join(sourcePath, projectFile))
  const declared = declaredValues(project, where)
  if (declared.length === 0) return undefined
  const files = [
    ...chartDefaults(tree, sourcePath, project),
    ...valueFilePaths(tree, sourcePath, project, undefined)
  ]
  return {
    files: [...new Set(files.map(({ file }) => file))],
    key: read => {
      const values = mergedValues(files, read)
      return values === undefined ? unreadable : canonicalText(values, declared)
    }
  }
}

/** The values of a chart elsewhere, which are below those of the value files. */
export function chartDefaults(
  tree: RepositoryTree,
  sourcePath: string,
  project: Project
): readonly ValueFilePath[] {
  const chart = project.helm?.chart
  if (chart === undefined) return []
  const file = path.posix.join(tree.resolve(sourcePath, chart), 'values.yaml')
  return file === path.posix.join(sourcePath, 'values.yaml') ? [] : [{ file, isOptional: true }]
}

/** Not the canonical text of any values. */
const unreadable = '!'

function mergedValues(
  files: readonly ValueFilePath[],
  read: (treePath: string) => Buffer | undefined
): JsonObject | undefined {
  try {
    return files.reduce<JsonObject>((below, { file, isOptional }) => {
      const bytes = read(file)
      if (bytes === undefined && isOptional) return below
      if (bytes === undefined || !isUtf8(bytes)) throw new Fault('VALUES_NOT_OBJECT', 'no values')
      const text = bytes.toString('utf8').replace(/^\uFEFF/, '')
      return mergeValues(below, readValues(text, file))
    }, {})
  } catch (error) {
    if (error instanceof Fault) return undefined
    throw error
  }
}

/** Compact JSON of the values by their paths, with members in code unit order; absent values are omitted. */
function canonicalText(values: JsonObject, declared: readonly ModelValue[]): string {
  const found = declared.flatMap(({ text, keys }) => {
    const value = valueAt(values, keys)
    return value === undefined ? [] : [[text, value] as const]
  })
  return stringifyJson(Object.fromEntries(found), { sortKeys: true })
}

/**
 * Refuses a declared value that no value file sets without an environment.
 *
 * @param text the canonical text of the values
 * @throws {Fault} `MODEL_VALUE_MISSING`
 */
export function requireValues(text: string, project: Project, where: string): void {
  const found = JSON.parse(text) as JsonObject
  const missing = project.model.values.find(declared => !Object.hasOwn(found, declared))
  if (missing === undefined) return
  throw new Fault('MODEL_VALUE_MISSING', 'the value files do not set a value of the model', {
    where,
    found: `model.values: ${JSON.stringify(missing)}`,
    expected: 'values that values.yaml, configs/base.yaml or a file of values sets',
    remedy: 'Correct the name, or set the value without an environment.'
  })
}

function valueAt(values: JsonObject, keys: readonly PathKey[]): JsonValue | undefined {
  let at: JsonValue | undefined = values
  for (const key of keys) {
    if (typeof key === 'number') at = isJsonArray(at) ? at[key] : undefined
    else at = isJsonObject(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  return at
}
