import { Fault } from '../../common/fault.ts'
import type { Checkout } from './checkout.ts'
import { asTime, committedAt } from './committed-at.ts'
import { isCutOff } from './content/boundary.ts'
import { CommitLog } from './content/commit-log.ts'
import { FileRoles } from './content/file-roles.ts'
import { hasGitData, hasGrafts } from './content/git-folder.ts'
import { gitLog } from './content/git-log.ts'
import { oldestSame } from './content/oldest.ts'
import { pinOf } from './content/pin.ts'
import { compareSources, sameness } from './content/same-sources.ts'
import { compareValues } from './content/same-values.ts'
import { SourceFacts } from './content/source-facts.ts'
import { storedLogOf } from './content/stored-log.ts'
import { runGit } from './git.ts'
import type { GitFailure } from './git.ts'
import type { ContentHistory, ModelCommit, SourceSelection } from './source-selection.ts'

/**
 * Finds out which ancestors of a commit have the content of its model: the same sources (names and
 * contents, whatever the modes of regular files), and the same values.
 *
 * The model commit is the oldest one of them. That is: of the commits with this content, the commit itself
 * included, those with no such commit among their ancestors; of several the one with the earlier
 * committer date; of several the one with the smaller ID.
 *
 * In a shallow clone the model commit is never known: whatever the clone shows, a commit before its
 * boundary could have the same content. Replaced objects and grafts are ignored, and nothing is fetched.
 * The objects of a small repository are read here. Else git prints the history, and another process of git is
 * started for each kind of fact that needs contents or dates.
 *
 * @throws {Fault} `GIT_*`, `HISTORY_LIMIT`, `FILE_UNREADABLE`
 */
export async function contentHistory(
  checkout: Checkout,
  selection: SourceSelection
): Promise<ContentHistory> {
  if (!hasGitData(checkout.root)) return unknownHistory(checkout.commit, 'no-history')
  const roles = new FileRoles(selection)
  const answer =
    storedLogOf(checkout, selection, roles) ?? (await gitLog(checkout, selection, roles))
  if (answer.kind === 'failed') {
    const reason = await whyUnknown(checkout, answer)
    const history = unknownHistory(checkout.commit, reason)
    return { ...history, committedAt: () => committedAt(checkout) }
  }
  const { log, date, tree } = answer
  if (!log.isComplete) throw new Fault('GIT_FAILED', 'git log did not print all ancestors')
  const states = await compareSources(log, roles, new SourceFacts(checkout, log, selection))
  const { values } = selection
  const targets = values === undefined ? [] : await compareValues(checkout, log, values, states)
  if (values !== undefined && targets.length > 0) {
    const files = [...values.files, ...targets]
    return contentHistory(checkout, { ...selection, values: { ...values, files } })
  }
  const cutOff = await isCutOff(checkout, log)
  return {
    modelCommit: cutOff ? unknown('shallow') : await modelCommit(checkout, log, states),
    pinOf: tag => pinOf(tag, log, { states, isCutOff: cutOff }),
    committedAt: () => (date === '' ? committedAt(checkout) : Promise.resolve(asTime(date))),
    ...(tree === '' ? {} : { tree })
  }
}

/** A history of which only one commit is known. */
export function unknownHistory(commit: string, reason: UnknownReason): ContentHistory {
  const log = new CommitLog()
  log.addCommit(commit, [])
  const states = Uint8Array.of(sameness.same)
  return {
    modelCommit: unknown(reason),
    pinOf: tag => pinOf(tag, log, { states, isCutOff: true }),
    committedAt: () => Promise.resolve(undefined)
  }
}

type UnknownReason = Extract<ModelCommit, { kind: 'unknown' }>['reason']

function unknown(reason: UnknownReason): ModelCommit {
  return { kind: 'unknown', reason }
}

async function modelCommit(
  checkout: Checkout,
  log: CommitLog,
  states: Uint8Array
): Promise<ModelCommit> {
  const commit = await oldestSame(checkout, log, states)
  return commit === undefined ? unknown('partial') : { kind: 'known', commit }
}

/** Why git log failed, if that is not an error. */
async function whyUnknown(
  { root, settings, commit }: Checkout,
  { message }: GitFailure
): Promise<UnknownReason> {
  if (message.includes('dubious ownership')) throw logFailed(root, message)
  const known = await runGit(root, [...settings, 'cat-file', '-e', `${commit}^{commit}`])
  if (known.kind === 'failed') return 'no-history'
  const filter = ['config', '--get-regexp', '^(extensions\\.partialclone|remote\\..*\\.promisor)$']
  const partial = await runGit(root, [...settings, ...filter])
  if (partial.kind === 'output') return 'partial'
  if (hasGrafts(root)) return 'shallow'
  throw logFailed(root, message)
}

function logFailed(root: string, message: string): Fault {
  return new Fault('GIT_FAILED', 'git log failed', { found: message.replaceAll(root, '.') })
}
