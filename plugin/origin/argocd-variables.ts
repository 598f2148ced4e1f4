/** An environment variable that repo-server sets. */
export interface ArgocdVariable {
  readonly name: string
  /** Used if the variable is absent or empty. */
  readonly default?: string
  readonly unit: string
  readonly description: string
}

/**
 * The environment variables of Argo CD that the plugin reads.
 * Source: argo-cd reposerver/repository/repository.go, newEnv and getPluginEnvs.
 */
export const argocdVariables = {
  revision: {
    name: 'ARGOCD_APP_REVISION',
    unit: 'commit',
    description: 'The commit. If it is set, all inputs come from Argo CD.'
  },
  sourcePath: {
    name: 'ARGOCD_APP_SOURCE_PATH',
    default: '.',
    unit: 'path',
    description: 'The application path in the repository.'
  },
  repoUrl: {
    name: 'ARGOCD_APP_SOURCE_REPO_URL',
    unit: 'URL',
    description: 'The repository; user and password are removed.'
  },
  targetRevision: {
    name: 'ARGOCD_APP_SOURCE_TARGET_REVISION',
    default: 'HEAD',
    unit: 'branch or tag',
    description: 'The branch or tag of the Application.'
  },
  appName: {
    name: 'ARGOCD_APP_NAME',
    unit: 'name',
    description: "The Application's name; `<namespace>_<name>` outside Argo CD's namespace."
  },
  namespace: {
    name: 'ARGOCD_APP_NAMESPACE',
    unit: 'name',
    description: 'The destination namespace.'
  },
  project: {
    name: 'ARGOCD_APP_PROJECT_NAME',
    default: 'default',
    unit: 'name',
    description: "The Application's project."
  },
  parameters: {
    name: 'ARGOCD_APP_PARAMETERS',
    unit: 'JSON',
    description: '`spec.source.plugin.parameters`: values by name, and the environment.'
  },
  environment: {
    name: 'ARGOCD_ENV_ENVIRONMENT',
    unit: 'name',
    description: 'The environment, if the parameter `environment` is not set.'
  }
} as const satisfies Readonly<Record<string, ArgocdVariable>>

/** The variables that set values, one for each entry of `spec.source.plugin.env`. */
export const pluginVariable = {
  prefix: 'ARGOCD_ENV_',
  name: 'ARGOCD_ENV_<name>',
  unit: 'text',
  description: 'Sets the string value `<name>`; `__` stands for a dot.'
} as const

/** The value of a variable; an empty value counts as absent. */
export function readVariable(
  env: Readonly<Record<string, string | undefined>>,
  variable: ArgocdVariable & { readonly default: string }
): string
export function readVariable(
  env: Readonly<Record<string, string | undefined>>,
  variable: ArgocdVariable
): string | undefined
export function readVariable(
  env: Readonly<Record<string, string | undefined>>,
  variable: ArgocdVariable
): string | undefined {
  const text = env[variable.name]
  return text === undefined || text === '' ? variable.default : text
}
