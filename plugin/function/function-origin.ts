import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { Fault, bound } from '../../common/fault.ts'
import { argocdOrigin, isUnderArgocd } from '../origin/argocd.ts'
import type { ProcessEnvironment } from '../origin/argocd.ts'
import { argocdVariables } from '../origin/argocd-variables.ts'
import type { Origin } from '../origin/origin.ts'
import { repositoryOf } from '../origin/repository-url.ts'
import { applicationFolder, exportedRoot, localOrigin } from '../origin/work-tree.ts'
import { guarded } from '../system-fault.ts'
import type { FunctionConfig } from './function-config.ts'

/** Variables that Argo CD sets for a kustomization too. It sets no parameters or plugin variables. */
const argocdFacts = [
  argocdVariables.revision,
  argocdVariables.repoUrl,
  argocdVariables.targetRevision,
  argocdVariables.appName,
  argocdVariables.namespace,
  argocdVariables.project
]

/**
 * Finds the origin of a function's render. The commit is the one that Argo CD's environment names, else
 * the revision of the configuration, which in a work tree must be the checked-out commit, else HEAD.
 *
 * @param folder where the function was started: the kustomization's root or the caller's folder
 * @throws {Fault} `PATH_NOT_FOUND`, `PATH_OUTSIDE`, `REVISION_*`, `GIT_*`
 */
export async function functionOrigin(
  config: FunctionConfig,
  env: ProcessEnvironment,
  folder: string
): Promise<Origin> {
  const options = { ...config, callerFolder: folder }
  const application = applicationFolder(options)
  const checkout = checkoutRoot(guarded('the working folder', () => realpathSync(folder)))
  const isOutside = path.relative(checkout ?? '/', application).startsWith('..')
  if (path.isAbsolute(config.path) || isOutside) {
    throw new Fault('PATH_OUTSIDE', 'the path is outside the repository', {
      where: 'spec.path',
      found: JSON.stringify(bound(config.path, 80))
    })
  }
  if (!isUnderArgocd(env)) return localOrigin(options)
  const root = checkout ?? exportedRoot(folder, application)
  const sourcePath = path.relative(root, application).split(path.sep).join('/') || '.'
  const facts = Object.fromEntries(argocdFacts.map(({ name }) => [name, env[name]]))
  const origin = argocdOrigin(
    { ...facts, [argocdVariables.sourcePath.name]: sourcePath },
    application
  )
  const { repoUrl, namespace, appName } = config
  return {
    ...origin,
    environment: config.environment,
    context: {
      ...origin.context,
      repository: origin.context.repository ?? (repoUrl ? repositoryOf(repoUrl) : undefined),
      namespace: namespace ?? origin.context.namespace,
      appName: appName ?? origin.context.appName
    }
  }
}

/** The nearest folder upwards that has a `.git`. Argo CD's checkout has one, which may be empty. */
function checkoutRoot(folder: string): string | undefined {
  for (let at = folder; at !== path.dirname(at); at = path.dirname(at)) {
    if (existsSync(path.join(at, '.git'))) return at
  }
  return undefined
}
