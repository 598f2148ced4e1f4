import { isJsonObject } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { inspectWorkload } from '../../evidence/workload/inspect.ts'
import type { SourceSelection } from '../origin/source-selection.ts'
import type { ValueRead } from '../template/source.ts'
import { builtInNames } from '../values/built-in.ts'
import type { ModelValue } from './model-values.ts'

/** Values of a render that come from one file, parameter or option. Later layers override earlier ones. */
export interface ValueLayer {
  /** The name in messages. */
  readonly name: string
  readonly values: JsonObject
  /** The file, if it is in the repository. */
  readonly treePath?: string
}

const builtIn: ReadonlySet<string> = new Set(builtInNames)

/** Collects the values that the templates of training workloads read, by file. */
export class TrainingReads {
  readonly #files = new Map<string, Map<string, readonly string[]>>()
  /** By text, and by the API version and kind of its objects. */
  readonly #isTraining = new Map<string, boolean>()
  readonly #trainingKinds = new Map<string, boolean>()

  record({ file, text, offset, keys }: Omit<ValueRead, 'where'>): void {
    const [first = ''] = keys
    if (builtIn.has(first) || !this.#trains(text)) return
    if (isInMetadata(text, offset)) return
    const reads = this.#files.get(file) ?? new Map<string, readonly string[]>()
    this.#files.set(file, reads.set(keys.join('\0'), keys))
  }

  get files(): readonly (readonly [string, readonly (readonly string[])[]])[] {
    return [...this.#files].map(([file, reads]) => [file, [...reads.values()]] as const)
  }

  #trains(text: string): boolean {
    const known = this.#isTraining.get(text)
    if (known !== undefined) return known
    const found = this.#definesTraining(text)
    this.#isTraining.set(text, found)
    return found
  }

  /** Whether the text of a template has an object that trains, or a pipeline. */
  #definesTraining(text: string): boolean {
    const kinds = valuesOf(text, /^kind:\s+["']?([\w./-]+)/gm)
    return valuesOf(text, /^apiVersion:\s+["']?([\w./-]+)/gm).some(apiVersion =>
      kinds.some(kind => this.#isTrainingKind(apiVersion, kind))
    )
  }

  #isTrainingKind(apiVersion: string, kind: string): boolean {
    const key = `${apiVersion} ${kind}`
    const known = this.#trainingKinds.get(key)
    if (known !== undefined) return known
    const role = inspectWorkload({ apiVersion, kind })?.role
    const found = role === 'train' || role === 'pipeline'
    this.#trainingKinds.set(key, found)
    return found
  }
}

/** The first groups of all matches. */
function valuesOf(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, value = '']) => value)
}

/** Whether a position is below a `metadata` key: names and labels do not change what a workload trains. */
function isInMetadata(text: string, offset: number): boolean {
  const [own = '', ...above] = text.slice(0, offset).split('\n').reverse()
  if (/\bmetadata:/.test(own)) return true
  let indent = /^ */.exec(own)?.[0].length ?? 0
  for (const line of above) {
    // Nothing is above a key that is not indented.
    if (indent === 0) return false
    const [, spaces = '', key] = /^( *)(?:- )?([\w.-]+):/.exec(line) ?? []
    if (key === undefined || spaces.length >= indent) continue
    if (key === 'metadata') return true
    indent = spaces.length
  }
  return false
}

/** What covers the values of a render. */
export interface Cover {
  readonly selection: SourceSelection
  readonly declared: readonly ModelValue[]
}

/**
 * Warns of values that a training workload reads and that are not part of the model: neither declared, and
 * set without an environment, nor set by a source. One line for each file.
 */
export function uncoveredValues(
  reads: TrainingReads['files'],
  layers: readonly ValueLayer[],
  cover: Cover
): readonly string[] {
  return reads.slice(0, maxFiles).flatMap(([file, paths]) => {
    const found = new Set(paths.flatMap(keys => uncoveredBelow(keys, layers, cover)))
    if (found.size === 0) return []
    const names = [...found].sort()
    const rest = names.length - maxNames
    const more = rest > 0 ? ` and ${rest} more` : ''
    return [
      `${file}: a training workload reads values that are not part of the model: ${names.slice(0, maxNames).join(', ')}${more}; name them in model.values of mlgitops.yaml`
    ]
  })
}

const maxFiles = 20
const maxNames = 4
const maxLeaves = 200

/** The values at and below a path that are not part of the model, each with the file that sets it. */
function uncoveredBelow(
  keys: readonly string[],
  layers: readonly ValueLayer[],
  { selection, declared }: Cover
): readonly string[] {
  const leaves = new Map<string, readonly string[]>()
  for (const { values } of layers) {
    for (const leaf of leavesOf(valueAt(values, keys), keys)) {
      if (leaves.size < maxLeaves) leaves.set(leaf.join('.'), leaf)
    }
  }
  return [...leaves].flatMap(([name, leaf]) => {
    const setter = layers.findLast(({ values }) => valueAt(values, leaf) !== undefined)
    if (setter === undefined) return []
    const file = setter.treePath
    if (file !== undefined && selection.decide(file) !== 'other') return []
    const isDeclared = declared.some(({ keys: above }) => isPrefix(above, leaf))
    const isModelFile = file !== undefined && selection.values?.files.includes(file) === true
    return isDeclared && isModelFile ? [] : [`${name} (${setter.name})`]
  })
}

function leavesOf(
  value: JsonValue | undefined,
  keys: readonly string[]
): readonly (readonly string[])[] {
  if (value === undefined) return []
  if (!isJsonObject(value)) return [keys]
  return Object.entries(value).flatMap(([key, inner]) => leavesOf(inner, [...keys, key]))
}

/** A path through a list ends at the list: its items belong to it. */
function valueAt(values: JsonObject, keys: readonly string[]): JsonValue | undefined {
  let at: JsonValue | undefined = values
  for (const key of keys) {
    if (!isJsonObject(at)) return at
    at = Object.hasOwn(at, key) ? at[key] : undefined
  }
  return at
}

function isPrefix(above: ModelValue['keys'], keys: readonly string[]): boolean {
  return above.every((key, index) => String(key) === keys[index])
}
