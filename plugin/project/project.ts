import { Fault, bound } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import { isJsonObject } from '../../common/json.ts'
import { readYaml } from '../../common/yaml/read.ts'
import { validateProject } from './project-validator.generated.js'
import type { HelmSettings } from '../helm/settings.ts'
import type { Patch } from '../patch/patch.ts'

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
  /** The model's name, if it differs from the folder's. */
  readonly model: string | undefined
  readonly stampPodTemplates: boolean
  /** How a Helm chart is rendered; undefined where the file has no `helm`. */
  readonly helm: HelmSettings | undefined
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
  model: undefined,
  stampPodTemplates: false,
  helm: undefined
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
  const documents = readYaml(text, { file })
  const [document] = documents
  if (documents.length !== 1 || !isJsonObject(document?.value)) {
    throw new Fault('PROJECT_INVALID', 'a project file must contain one object', { where: file })
  }
  return projectOf(validated(document.value, file))
}

function projectOf({ templates = {}, ...file }: ProjectFile): Project {
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
    model: file.evidence?.model,
    stampPodTemplates: file.stamp?.podTemplates === true,
    helm: file.helm
  }
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
