import { isJsonArray, member, stringifyJson, stringMember } from '../../../common/json.ts'
import type { JsonObject } from '../../../common/json.ts'
import { identify } from '../../../evidence/identity.ts'

/** The part of an Application that a plugin gets. */
export interface PluginApplication {
  readonly name: string
  readonly destinationNamespace: string
  readonly project: string
  readonly repoURL: string
  readonly path: string
  readonly targetRevision: string
  /** `spec.source.plugin`; absent if the plugin was discovered. */
  readonly plugin?: {
    readonly env?: readonly { readonly name: string; readonly value: string }[]
    readonly parameters?: readonly PluginParameter[]
  }
}

/** One of `spec.source.plugin.parameters`. */
export interface PluginParameter {
  readonly name: string
  readonly string?: string
  readonly array?: readonly string[]
  readonly map?: Readonly<Record<string, string>>
}

/**
 * The environment that repo-server sends with a request.
 * Source: argo-cd reposerver/repository/repository.go, newEnv and getPluginEnvs; types.go, Environ.
 */
export function pluginEnvironment(
  application: PluginApplication,
  revision: string
): Readonly<Record<string, string>> {
  const known: Readonly<Record<string, string>> = {
    ARGOCD_APP_NAME: application.name,
    ARGOCD_APP_NAMESPACE: application.destinationNamespace,
    ARGOCD_APP_PROJECT_NAME: application.project,
    ARGOCD_APP_REVISION: revision,
    ARGOCD_APP_REVISION_SHORT: revision.slice(0, 7),
    ARGOCD_APP_REVISION_SHORT_8: revision.slice(0, 8),
    ARGOCD_APP_SOURCE_REPO_URL: application.repoURL,
    ARGOCD_APP_SOURCE_PATH: application.path,
    ARGOCD_APP_SOURCE_TARGET_REVISION: application.targetRevision,
    KUBE_VERSION: '1.37.2',
    KUBE_API_VERSIONS: 'v1,v1/ConfigMap,apps/v1,apps/v1/Deployment'
  }
  const { plugin } = application
  if (plugin === undefined) return known
  const env = (plugin.env ?? []).map(
    ({ name, value }) => [`ARGOCD_ENV_${name}`, substitute(value, known)] as const
  )
  const { parameters } = plugin
  return {
    ...known,
    ...Object.fromEntries(env),
    ARGOCD_APP_PARAMETERS: parameters === undefined ? 'null' : goJson(parameters),
    ...Object.fromEntries((parameters ?? []).flatMap(parameterVariables))
  }
}

/** `$NAME` and `${NAME}` of known variables, `$$` for a dollar; unknown ones are empty. */
function substitute(text: string, known: Readonly<Record<string, string>>): string {
  return text.replace(
    /\$(?:(\$)|\{(\w+)\}|(\w+))/g,
    (_, dollar: string | undefined, braced: string | undefined, bare: string | undefined) =>
      dollar ?? known[braced ?? bare ?? ''] ?? ''
  )
}

/** Go's JSON encoding: sorted keys, and escapes for HTML. */
function goJson(value: readonly PluginParameter[]): string {
  const text = stringifyJson(value as unknown as readonly JsonObject[], { sortKeys: true })
  return text.replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
}

function parameterVariables(parameter: PluginParameter): readonly (readonly [string, string])[] {
  const { name, string, array = [], map = {} } = parameter
  const prefix = `PARAM_${variableName(name)}`
  return [
    ...(string === undefined ? [] : [[prefix, string] as const]),
    ...array.map((item, index) => [`${prefix}_${index}`, item] as const),
    ...Object.entries(map).map(([key, item]) => [`${prefix}_${variableName(key)}`, item] as const)
  ]
}

function variableName(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9_]/g, '_')
}

/**
 * Reads a plugin's manifests: objects, with Lists flattened and Argo CD's tracking annotation added.
 *
 * @throws {Error} for anything but a Kubernetes object
 */
export function targetObjects(
  manifests: readonly string[],
  appName: string
): readonly JsonObject[] {
  return manifests.flatMap(text => {
    const object = JSON.parse(text) as JsonObject
    const [kind, apiVersion] = [stringMember(object, 'kind'), stringMember(object, 'apiVersion')]
    if (kind === undefined || apiVersion === undefined)
      throw new Error('failed to convert CMP manifests to unstructured objects')
    const items = member(object, 'items')
    if (!kind.endsWith('List') || items === undefined) return [tracked(object, appName)]
    const list = isJsonArray(items) ? (items as readonly JsonObject[]) : []
    return list.map(item => tracked(item, appName))
  })
}

function tracked(object: JsonObject, appName: string): JsonObject {
  const { group, kind, namespace, name } = identify(object)
  const id = `${appName}:${group}/${kind}:${namespace}/${name}`
  const metadata = object.metadata as JsonObject
  const annotations = {
    ...(metadata.annotations as JsonObject),
    'argocd.argoproj.io/tracking-id': id
  }
  return { ...object, metadata: { ...metadata, annotations } }
}
