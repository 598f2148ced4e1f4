import { Fault } from '../../common/fault.ts'
import { isJsonArray, isJsonObject, member, stringMember } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'

const refused = [
  'helmCharts',
  'helmChartInflationGenerator',
  'generators',
  'transformers',
  'validators'
]
const lists = ['resources', 'bases', 'components', 'crds', 'configurations']
const patches = ['patchesStrategicMerge', 'patches', 'patchesJson6902', 'replacements', 'openapi']
const generators = ['configMapGenerator', 'secretGenerator']
const fields = canonical([...refused, ...lists, ...patches, ...generators])
const itemFields = canonical(['path', 'files', 'envs', 'env'])

/** Names as Go's JSON decoder compares them: without case, and with the long s and the Kelvin sign folded. */
function canonical(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map(name => [folded(name), name]))
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's')
}

/** A file or folder that a kustomization refers to. */
export interface Reference {
  readonly path: string
  /** Rendered as YAML; other files are copied unchanged. */
  readonly isYaml: boolean
}

/**
 * The files and folders that a kustomization refers to.
 *
 * @param name the file name of the kustomization, for messages
 * @throws {Fault} `KUSTOMIZATION_UNSUPPORTED` for anything that kustomize would fetch or run, in any
 *   spelling
 */
export function referencesOf(kustomization: JsonValue, name: string): readonly Reference[] {
  if (!isJsonObject(kustomization)) throw unsupported(name, 'a kustomization that is not an object')
  refuseOtherSpellings(kustomization, name)
  const used = refused.find(field => member(kustomization, field) !== undefined)
  if (used !== undefined) throw unsupported(name, used)
  const yaml = [
    ...lists.flatMap(field => texts(member(kustomization, field))),
    // An item can also be an inline patch.
    ...texts(member(kustomization, 'patchesStrategicMerge')).filter(text => !text.includes('\n')),
    ...paths(member(kustomization, 'patches')),
    ...paths(member(kustomization, 'patchesJson6902')),
    ...paths(member(kustomization, 'replacements')),
    ...paths([member(kustomization, 'openapi') ?? null])
  ]
  const references = [
    ...yaml.map(target => ({ path: target, isYaml: true })),
    ...generatorFiles(kustomization).map(target => ({ path: target, isYaml: false }))
  ]
  if (references.some(reference => isRemote(reference.path))) {
    throw unsupported(name, 'a remote resource')
  }
  return references
}

/** Refuses other spellings: kustomize reads `Resources` as `resources`, and the checks here must see the same. */
function refuseOtherSpellings(kustomization: JsonObject, name: string): void {
  const items = [...patches, ...generators].flatMap(field => {
    const value = member(kustomization, field)
    return isJsonArray(value) ? value : [value ?? null]
  })
  const keys = [
    ...Object.keys(kustomization).map(key => [key, fields] as const),
    ...items
      .filter(isJsonObject)
      .flatMap(item => Object.keys(item).map(key => [key, itemFields] as const))
  ]
  for (const [key, known] of keys) {
    const meant = known.get(folded(key))
    if (meant === undefined || meant === key) continue
    throw unsupported(name, `${JSON.stringify(key)} instead of ${meant}`)
  }
}

/**
 * Whether kustomize could fetch the reference, even if a file with that name exists: any scheme, `gh:`,
 * `git::`, `host:path` and `user@host` have a colon or an at sign before the first slash.
 * Source: kustomize api/internal/git/repospec.go and api/internal/loader/fileloader.go.
 */
function isRemote(reference: string): boolean {
  return /^[^/]*[:@]|[?]ref=|^\s*(?:github|gitlab|bitbucket)\.\w+\/|\n/i.test(reference)
}

function generatorFiles(kustomization: JsonObject): readonly string[] {
  const used = generators.flatMap(field => {
    const list = member(kustomization, field)
    return isJsonArray(list) ? list : []
  })
  return used.flatMap(generator => [
    ...texts(member(generator, 'files')).map(text => text.slice(text.indexOf('=') + 1)),
    ...texts(member(generator, 'envs')),
    ...texts([member(generator, 'env') ?? null])
  ])
}

function texts(list: JsonValue | undefined): readonly string[] {
  return isJsonArray(list) ? list.filter(item => typeof item === 'string') : []
}

function paths(list: JsonValue | undefined): readonly string[] {
  if (!isJsonArray(list)) return []
  return list.flatMap(item => stringMember(item, 'path') ?? [])
}

/** The fault of a kustomization that cannot be built from its commit alone. */
export function unsupported(where: string, construct: string): Fault {
  return new Fault('KUSTOMIZATION_UNSUPPORTED', `${construct} is not supported`, {
    where,
    remedy: construct.startsWith('helmChart')
      ? 'Use a separate application path for the chart: with a Chart.yaml, or helm.chart in mlgitops.yaml (docs/helm.md).'
      : 'Use only resources, components and patches of the repository.'
  })
}
