import { Fault } from '../../common/fault.ts'
import type { JsonObject } from '../../common/json.ts'
import type { RenderContext } from '../context.ts'

/** The built-in values, from Git and the Application. No file, parameter or option can set them. */
export const builtInNames = [
  'gitCommit',
  'gitCommitShort',
  'gitCommitShort8',
  'modelCommit',
  'modelCommitShort',
  'modelCommitShort8',
  'modelDigest',
  'modelDigestShort',
  'repoURL',
  'targetRevision',
  'appName',
  'namespace',
  'project',
  'sourcePath',
  'environment'
] as const

/** The built-in values of a render. Unknown ones are absent, so that their use is a fault. */
export function builtInValues(context: RenderContext): JsonObject {
  const { commit, modelCommit, modelDigest } = context
  const values: Readonly<Record<(typeof builtInNames)[number], string | undefined>> = {
    gitCommit: commit,
    gitCommitShort: commit.slice(0, 7),
    gitCommitShort8: commit.slice(0, 8),
    modelCommit,
    modelCommitShort: modelCommit?.slice(0, 7),
    modelCommitShort8: modelCommit?.slice(0, 8),
    modelDigest,
    modelDigestShort: shortDigest(modelDigest),
    repoURL: context.repository?.cloneUrl,
    targetRevision: context.targetRevision,
    appName: context.appName,
    namespace: context.namespace,
    project: context.project,
    sourcePath: context.sourcePath,
    environment: context.environment
  }
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined)
  )
}

/** The first 12 hexadecimal digits of a digest, without its algorithm. */
function shortDigest(digest: string): string {
  return digest.slice(digest.indexOf(':') + 1).slice(0, 12)
}

/** The commits and the digest of a render, whole and shortened. They are always strings, even `1234567`. */
export function commitTexts(context: RenderContext): ReadonlySet<string> {
  const { commit, modelCommit = commit, modelDigest } = context
  const commits = [commit, modelCommit].flatMap(id => [id, id.slice(0, 7), id.slice(0, 8)])
  return new Set([...commits, modelDigest, shortDigest(modelDigest)])
}

/** The values of `${…}` in templates, from the same facts. */
export function templateVariables(context: RenderContext): Readonly<Record<string, string>> {
  const { commit, modelCommit, modelDigest, repository, environment } = context
  return {
    GIT_COMMIT: commit,
    GIT_COMMIT_SHORT: commit.slice(0, 7),
    GIT_COMMIT_SHORT_8: commit.slice(0, 8),
    ...(modelCommit === undefined
      ? {}
      : { MODEL_COMMIT: modelCommit, MODEL_COMMIT_SHORT: modelCommit.slice(0, 7) }),
    MODEL_DIGEST: modelDigest,
    MODEL_DIGEST_SHORT: shortDigest(modelDigest),
    ...(repository === undefined ? {} : { GIT_REPO: repository.url }),
    ...(environment === undefined ? {} : { ENVIRONMENT: environment })
  }
}

/**
 * Refuses to override a built-in value: a commit that anybody can overwrite proves nothing.
 *
 * @throws {Fault} `VALUES_BUILT_IN`
 */
export function refuseBuiltIn(keys: readonly string[], where: string): void {
  const name = builtInNames.find(builtIn => keys.includes(builtIn))
  if (name === undefined) return
  throw new Fault('VALUES_BUILT_IN', `${name} cannot be set`, {
    where,
    found: `the value ${name}`,
    remedy:
      name === 'environment'
        ? 'Set the environment with --environment, the parameter "environment" or the plugin env ENVIRONMENT.'
        : `${name} comes from Git or Argo CD: choose another name for your own value.`
  })
}
