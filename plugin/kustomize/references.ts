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

/** Names by how Go's JSON compares them: in any case, with the long s and the Kelvin sign. */
function canonical(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map(name => [folded(name), name]))
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll('\u017f', 's')
}

/** What a kustomization names to be read. */
export interface Reference {
  readonly path: string
  /** Rendered as YAML; anything else is copied as it is. */
  readonly isYaml: boolean
}

/**
 * The files and folders that a kustomization refers to.
 *
 * @param name of its file, for messages
 * @throws {Fault} `KUSTOMIZATION_UNSUPPORTED` for what would be fetched or run, by whatever spelling
 */
export function referencesOf(kustomization: JsonValue, name: string): readonly Reference[] {
  if (!isJsonObject(kustomization)) throw unsupported(name, 'a kustomization that is no object')
  refuseOtherSpellings(kustomization, name)
  const used = refused.find(field => member(kustomization, field) !== undefined)
  if (used !== undefined) throw unsupported(name, used)
  const yaml = [
    ...lists.flatMap(field => texts(member(kustomization, field))),
    // A patch may stand there itself.
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

/** kustomize reads `Resources` as `resources`: what is looked at here has to be what it reads. */
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
    throw unsupported(name, `${JSON.stringify(key)} in place of ${meant}`)
  }
}

/**
 * Whether kustomize may fetch it, also where a file of that name is in the repository: any scheme, `gh:`,
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

/** A kustomization that cannot be built from its commit alone. */
export function unsupported(where: string, construct: string): Fault {
  return new Fault('KUSTOMIZATION_UNSUPPORTED', `${construct} is not supported`, {
    where,
    remedy: construct.startsWith('helmChart')
      ? 'Make the chart an application path of its own: a Chart.yaml there, or helm.chart in mlgitops.yaml (docs/helm.md).'
      : 'Keep what is built in the repository: local resources, components and patches.'
  })
}
