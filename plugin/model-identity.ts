import path from 'node:path'
import { Fault } from '../common/fault.ts'
import { digestOf, modelList, refuseEmpty } from './model-digest/model-digest.ts'
import { collectSources } from './model-sources/collect-sources.ts'
import type { ModelSources } from './model-sources/collect-sources.ts'
import { selectSources } from './model-sources/select-sources.ts'
import type { Origin } from './origin/origin.ts'
import type { ContentHistory, ModelCommit } from './origin/source-selection.ts'
import type { Project } from './project/project.ts'
import type { RepositoryTree } from './repository/tree.ts'
import type { ModelEvidence } from './stage/attest.ts'

/** Which model an application path has: the names of its content. */
export interface ModelIdentity {
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string
  readonly history: ContentHistory
  readonly sources: ModelSources
}

/** A repository and its history. */
export interface Located {
  readonly origin: Pick<Origin, 'context' | 'history'>
  readonly tree: RepositoryTree
}

/**
 * Identifies the model of an application path.
 *
 * @throws {Fault} `GIT_*`, and for the sources and values of the model as `collectSources` and `modelList`
 */
export async function identifyModel(
  { origin, tree }: Located,
  project: Project
): Promise<ModelIdentity> {
  const selection = selectSources(tree, origin.context.sourcePath, project)
  const [history, sources] = await Promise.all([
    origin.history.contentHistory(selection),
    collectSources(tree, selection, (roots, isWanted) => origin.history.filesOf(roots, isWanted))
  ])
  return { history, sources, digest: digestOf(modelList(tree, sources)) }
}

/** The model commit, if the history knows it. */
export function knownCommit({ history }: ModelIdentity): string | undefined {
  return history.modelCommit.kind === 'known' ? history.modelCommit.commit : undefined
}

/**
 * Refuses a bias audit that this render cannot compare with its model: one that names a commit only, where
 * the model commit is not known, and one that names a digest, where the model has no files.
 *
 * @throws {Fault} `MODEL_COMMIT_UNKNOWN`, `MODEL_DIGEST_EMPTY`
 */
export function refuseIncomparable(
  { biasAudit, files }: ModelEvidence,
  { history, sources }: ModelIdentity,
  tree: RepositoryTree
): void {
  if (biasAudit?.modelDigest !== undefined) refuseEmpty(tree, sources)
  if (biasAudit?.modelCommit === undefined || history.modelCommit.kind === 'known') return
  if (biasAudit.modelDigest !== undefined || (biasAudit.artifacts ?? []).length > 0) return
  const [file] = files
  const audit = path.posix.join(sources.selection.sourcePath, file?.path ?? '')
  throw modelCommitUnknown(history.modelCommit, tree.nameOf(audit))
}

/** Why the model commit is what it is, or is not known: a phrase. */
export function modelCommitReason(known: ModelCommit): string {
  return known.kind === 'known'
    ? 'the oldest commit of the history in which the sources have this content'
    : unknownBecause[known.reason]
}

const unknownBecause = {
  shallow: 'a shallow clone: an older commit could have the same content',
  partial: 'a partial clone that lacks objects of older commits',
  'no-history': 'files without Git history'
}

/** The fault of a template or an audit that needs the model commit where it is not known. */
export function modelCommitUnknown(
  { reason }: Extract<ModelCommit, { kind: 'unknown' }>,
  where: string
): Fault {
  return new Fault('MODEL_COMMIT_UNKNOWN', 'the model commit is not known here', {
    where,
    found: unknownBecause[reason],
    remedy:
      'Fetch the whole history (in CI: fetch-depth: 0), or use modelDigest, which needs none (mlgitops digest).'
  })
}
