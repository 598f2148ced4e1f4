import { Fault, bound } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { isJsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import type { RegistryKind } from '../../evidence/workload/registry.ts'
import { validateProject } from './project-validator.generated.js'
import type { HelmSettings } from '../helm/settings.ts'
import type { Patch } from '../patch/patch.ts'
import { readRegistryKinds } from './registry-kinds.ts'

/** The values and patches of an environment. */
export interface EnvironmentSettings {
  readonly values: readonly string[]
  readonly patches: readonly Patch[]
}

/** The settings of `mlgitops.yaml`, with the conventions as defaults. */
export interface Project {
  readonly include: readonly string[]
  readonly exclude: readonly string[]
  readonly verbatim: readonly string[]
  /** Files in which only `${…}` is replaced. */
  readonly variables: readonly string[]
  /** The fields of `templates` that the file has. */
  readonly given: ReadonlySet<string>
  /** Value files relative to the application path, between values.yaml and configs/. */
  readonly values: readonly string[]
  readonly environments: ReadonlyMap<string, EnvironmentSettings>
  readonly patches: readonly Patch[]
  /** The bias audit's file, if it has another name than the usual ones. */
  readonly biasAudit: string | undefined
  readonly model: ModelSettings
  /** Custom kinds that are registry entries. */
  readonly kinds: readonly RegistryKind[]
  readonly stampPodTemplates: boolean
  /** How a Helm chart is rendered; undefined where the file has no `helm`. */
  readonly helm: HelmSettings | undefined
  /** Warnings about the file, one sentence each. */
  readonly warnings: readonly string[]
}

/** What the model of an application path is made of. */
export interface ModelSettings {
  /** The model's name, if it differs from the folder's. */
  readonly name: string | undefined
  /** Patterns relative to the application path; undefined stands for the application path. */
  readonly sources: readonly string[] | undefined
  /** Key paths of the values that are part of the model. */
  readonly values: readonly string[]
}

/** The file name, at the application path. */
export const projectFile = 'mlgitops.yaml'

/** The settings without a project file. */
export const conventions: Project = {
  include: ['*.yaml', '*.yml'],
  exclude: [],
  verbatim: [],
  variables: [],
  given: new Set(),
  values: [],
  environments: new Map(),
  patches: [],
  biasAudit: undefined,
  model: { name: undefined, sources: undefined, values: [] },
  kinds: [],
  stampPodTemplates: false,
  helm: undefined,
  warnings: []
}

/** The content of the file, as its schema describes it. */
interface ProjectFile {
  readonly templates?: {
    readonly include?: string[]
    readonly exclude?: string[]
    readonly verbatim?: string[]
    readonly variables?: string[]
  }
  readonly values?: string[]
  readonly environments?: Readonly<
    Record<string, { readonly values?: string[]; readonly patches?: Patch[] } | null>
  >
  readonly patches?: Patch[]
  readonly model?: {
    readonly name?: string
    readonly sources?: string[]
    readonly values?: string[]
  }
  readonly kinds?: readonly {
    readonly group: string
    readonly kind: string
    readonly uris?: string[]
  }[]
  readonly evidence?: { readonly biasAudit?: string; readonly model?: string }
  readonly stamp?: { readonly podTemplates?: boolean }
  readonly helm?: HelmSettings
}

/**
 * Reads `mlgitops.yaml`.
 *
 * @param file the file name in messages
 * @throws {Fault} `PROJECT_INVALID` with up to ten findings, `YAML_*`
 */
export function parseProject(text: string, file: string): Project {
  const documents = readYaml(text, { file, exactNumbers: 'all' })
  const [document] = documents
  if (documents.length !== 1 || !isJsonObject(document?.value)) {
    throw new Fault('PROJECT_INVALID', 'a project file must contain one object', { where: file })
  }
  const content = validated(document.value, file)
  if (content.evidence?.model !== undefined && content.model?.name !== undefined) {
    throw new Fault('PROJECT_INVALID', 'the model is named twice', {
      where: file,
      found: 'evidence.model and model.name',
      remedy: 'Remove evidence.model: model.name replaces it.'
    })
  }
  return projectOf(content, file)
}

function projectOf({ templates = {}, ...file }: ProjectFile, name: string): Project {
  const environments = Object.entries(file.environments ?? {}).map(
    ([name, settings]) => [name, { values: [], patches: [], ...settings }] as const
  )
  return {
    ...conventions,
    ...templates,
    given: new Set(Object.keys(templates)),
    ...(file.values === undefined ? {} : { values: file.values }),
    ...(file.patches === undefined ? {} : { patches: file.patches }),
    environments: new Map(environments),
    biasAudit: file.evidence?.biasAudit,
    model: modelOf(file),
    kinds: readRegistryKinds(file.kinds ?? [], name),
    stampPodTemplates: file.stamp?.podTemplates === true,
    helm: file.helm,
    warnings:
      file.evidence?.model === undefined
        ? []
        : [`${name}: evidence.model is deprecated: write model: { name: … } instead`]
  }
}

function modelOf({ model = {}, evidence }: ProjectFile): ModelSettings {
  const { name = evidence?.model, sources, values = [] } = model
  return { name, sources, values }
}

function validated(value: JsonObject, file: string): ProjectFile {
  if (validateProject(value)) return value
  const findings = (validateProject.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = params.additionalProperty
    const field = instancePath === '' ? 'the file' : instancePath.slice(1).replaceAll('/', '.')
    return extra === undefined
      ? `${field} ${message ?? 'is invalid'}`
      : `${field} has the unknown key ${JSON.stringify(bound(extra, 80))}`
  })
  throw new Fault('PROJECT_INVALID', 'the project file does not match its schema', {
    where: file,
    found: findings.slice(0, 10).join('; '),
    remedy: 'See docs/plugin.md for its fields.'
  })
}
