import { realpathSync } from 'node:fs'
import path from 'node:path'
import { bound, Fault } from '../../common/fault.ts'
import { environmentParameter } from '../announcement.ts'
import { guarded } from '../system-fault.ts'
import type { Assignment } from '../values/assignment.ts'
import { parseKeyPath, refuseKeys } from '../values/key-path.ts'
import { readParameters } from './argocd-parameters.ts'
import type { ArgocdParameter } from './argocd-parameters.ts'
import { argocdVariables as variables, pluginVariable, readVariable } from './argocd-variables.ts'
import { checkoutHistory, previewHistory } from './history.ts'
import type { Origin } from './origin.ts'
import { repositoryOf } from './repository-url.ts'
import { readCommit } from './revision.ts'

/** The environment variables of a process. */
export type ProcessEnvironment = Readonly<Record<string, string | undefined>>

/** Whether argocd-cmp-server started this process to generate manifests. */
export function isUnderArgocd(env: ProcessEnvironment): boolean {
  return env[variables.revision.name] !== undefined
}

/** The revision that repo-server passes for `argocd app diff --local --server-side-generate`. */
const preview = 'streamed'

/**
 * The origin of a render under Argo CD, from the variables that repo-server sets.
 * Source: argo-cd reposerver/repository/repository.go, newEnv and getPluginEnvs.
 *
 * @param folder the application path: the working folder that argocd-cmp-server sets
 * @throws {Fault} `ARGOCD_CHECKOUT`, `REVISION_INVALID`, `PARAMETERS_INVALID`, `VALUES_KEY`
 */
export function argocdOrigin(env: ProcessEnvironment, folder: string): Origin {
  const revision = env[variables.revision.name] ?? ''
  const isPreview = revision === preview
  const commit = isPreview ? preview : readCommit(revision, variables.revision.name)
  const sourcePath = normalizeSourcePath(readVariable(env, variables.sourcePath))
  const root = rootAbove(realFolder(folder), sourcePath)
  const url = readVariable(env, variables.repoUrl)
  const parameters = readParameters(readVariable(env, variables.parameters))
  return {
    root,
    context: {
      repository: url === undefined ? undefined : repositoryOf(url),
      commit,
      targetRevision: readVariable(env, variables.targetRevision),
      appName: readVariable(env, variables.appName),
      namespace: readVariable(env, variables.namespace),
      project: readVariable(env, variables.project),
      sourcePath
    },
    environment: environmentOf(env, parameters),
    assignments: [...pluginEnvironment(env), ...parameters.flatMap(parameterAssignment)],
    history: isPreview ? previewHistory(commit) : checkoutHistory(root, commit)
  }
}

function realFolder(folder: string): string {
  return guarded('the application path', () => realpathSync(folder))
}

function normalizeSourcePath(given: string): string {
  return path.posix.normalize(given).replace(/^\/+|\/+$/g, '') || '.'
}

/**
 * The root of the repository. With manifest-generate-paths, Argo CD can send only a part of the
 * repository. The value files of the root would then be missing silently, so that is refused.
 */
function rootAbove(folder: string, sourcePath: string): string {
  if (sourcePath === '.') return folder
  if (folder.endsWith(`/${sourcePath}`)) return folder.slice(0, -sourcePath.length - 1) || '/'
  throw new Fault(
    'ARGOCD_CHECKOUT',
    'the folder is not an application path of a complete checkout',
    {
      where: variables.sourcePath.name,
      found: JSON.stringify(bound(sourcePath, 120)),
      remedy:
        'With --plugin-use-manifest-generate-paths, add the root (/values.yaml) to the annotation: its value files are needed. A path through a link is not supported.'
    }
  )
}

function environmentOf(
  env: ProcessEnvironment,
  parameters: readonly ArgocdParameter[]
): string | undefined {
  const parameter = parameters.find(({ name }) => name === environmentParameter)
  if (parameter !== undefined && typeof parameter.value !== 'string') {
    throw new Fault('PARAMETERS_INVALID', 'the parameter "environment" must be a string')
  }
  const named = typeof parameter?.value === 'string' ? parameter.value : ''
  return named === '' ? readVariable(env, variables.environment) : named
}

/** `ARGOCD_ENV_image__tag=v1` sets the string `image.tag`; `ENVIRONMENT` names the environment. */
function pluginEnvironment(env: ProcessEnvironment): readonly Assignment[] {
  const { prefix } = pluginVariable
  return Object.keys(env)
    .filter(name => name.startsWith(prefix) && name !== variables.environment.name)
    .sort()
    .map(name => ({
      keys: parseKeyPath(name.slice(prefix.length).replaceAll('__', '.'), name),
      value: env[name] ?? '',
      text: env[name] ?? '',
      where: name
    }))
}

function parameterAssignment({ name, value }: ArgocdParameter): readonly Assignment[] {
  if (name === environmentParameter) return []
  const where = `parameter ${JSON.stringify(name.slice(0, 80))}`
  refuseKeys(value, where)
  return [{ keys: parseKeyPath(name, where), value, text: value, where }]
}
