import { Fault, bound } from '../../common/fault.ts'
import type { FileChange } from '../git/make-commit.ts'
import type { Person } from '../git/make-commit.ts'
import type { RemoteBranch } from '../git/remote-branch.ts'
import { comparedRows } from '../registry/compared-rows.ts'
import { entryFile, specText } from '../registry/entry.ts'
import { entryVersions } from '../registry/entry-versions.ts'
import type { EntryVersion } from '../registry/entry-versions.ts'
import { propose } from '../registry/propose.ts'
import type { Proposal } from '../registry/propose.ts'
import { rollbackText } from '../text/bodies.ts'

/** Which entry to roll back, to what, and why. */
export interface RollbackRequest {
  readonly model: string
  readonly environment: string
  /** A commit of the branch, or the commit that was trained; undefined for the model before. */
  readonly to: string | undefined
  readonly reason: string | undefined
  readonly author: Person
  readonly signingKey: string | undefined
}

/** A pull request that rolls a model back. */
export interface Rollback extends Proposal {
  readonly title: string
  readonly body: string
}

/**
 * Proposes the entry that an environment had before, and the files that the last registration set with it.
 *
 * @throws {Fault} `ENTRY_ABSENT`, `ROLLBACK_TARGET`, `PUSH_REFUSED`
 */
export async function rollback(branch: RemoteBranch, request: RollbackRequest): Promise<Rollback> {
  const { model, environment } = request
  const file = entryFile(model, environment)
  const versions = await entryVersions(branch, file)
  const [current] = versions
  if (current?.content === undefined) throw absent(file)
  const target =
    request.to === undefined
      ? versions.find(version => isOtherModel(version, current))
      : await namedVersion(branch, versions, request.to, file)
  if (target?.content === undefined) throw noTarget(file, request.to)
  const others = await setTogether(branch, file, current, target)
  const texts = textsOf(request, current, target, others.kept)
  const changes = [{ path: file, content: target.content }, ...others.changes]
  const content = [current.commit, target.content.toString('utf8')].join('\n')
  const subject = { verb: 'rollback', model, environment, content } as const
  const proposal = await propose(branch, subject, () =>
    branch.commit({
      parent: branch.head,
      changes,
      message: messageOf(texts.title, request, current, target),
      author: request.author,
      signingKey: request.signingKey
    })
  )
  return { ...proposal, ...texts }
}

function isOtherModel({ entry }: EntryVersion, current: EntryVersion): boolean {
  if (entry === undefined) return false
  return ['modelDigest', 'artifactPath', 'artifactDigest', 'version'].some(
    field => specText(entry, field) !== specText(current.entry, field)
  )
}

async function namedVersion(
  branch: RemoteBranch,
  versions: readonly EntryVersion[],
  name: string,
  file: string
): Promise<EntryVersion | undefined> {
  const trained = versions.find(
    ({ entry }) => name.length >= 7 && specText(entry, 'gitCommit')?.startsWith(name) === true
  )
  if (trained !== undefined) return trained
  const { exitCode, stdout } = await branch.call(
    'rev-parse',
    '--verify',
    '--quiet',
    `${name}^{commit}`
  )
  if (exitCode !== 0) return undefined
  const commit = stdout.toString('utf8').trim()
  const content = await branch.read(file, commit)
  return versions.find(version => version.content !== undefined && content?.equals(version.content))
}

interface SetTogether {
  readonly changes: readonly FileChange[]
  /** Files that someone has changed since, so they stay as they are. */
  readonly kept: readonly string[]
}

/**
 * The files that the last registration changed beside its entry, as they were with the target. A file that somebody
 * has changed since stays.
 */
async function setTogether(
  branch: RemoteBranch,
  file: string,
  current: EntryVersion,
  target: EntryVersion
): Promise<SetTogether> {
  const output = await branch.text(
    'diff-tree',
    '-r',
    '-z',
    '--no-commit-id',
    '--name-only',
    `${current.commit}^1`,
    current.commit
  )
  const changes: FileChange[] = []
  const kept: string[] = []
  for (const other of output.split('\0').filter(name => name !== '' && name !== file)) {
    const [set, now, before, asked] = await Promise.all([
      branch.read(other, current.commit),
      branch.read(other),
      branch.read(other, `${current.commit}^1`),
      branch.read(other, target.commit)
    ])
    if (now === undefined || set === undefined || asked === undefined) continue
    const isUntouched = now.equals(set) && before?.equals(asked) === true
    if (isUntouched) changes.push({ path: other, content: asked })
    else if (!now.equals(asked)) kept.push(other)
  }
  return { changes, kept }
}

function textsOf(
  { model, environment, reason }: RollbackRequest,
  current: EntryVersion,
  target: EntryVersion,
  kept: readonly string[]
): { readonly title: string; readonly body: string } {
  const rows = comparedRows(current.entry, target.entry ?? {})
  const body = rollbackText({ reason: reason === undefined ? '' : oneLine(reason), rows, kept })
  return { title: titleOf(model, environment, target), body }
}

function titleOf(model: string, environment: string, target: EntryVersion): string {
  const version = specText(target.entry, 'version') ?? 'the entry before'
  return bound(`Roll back ${model} to ${version} in ${environment}`, 72)
}

function messageOf(
  title: string,
  { model, environment, reason }: RollbackRequest,
  current: EntryVersion,
  target: EntryVersion
): string {
  const trailers = [
    ['Model', model],
    ['Model-Version', specText(target.entry, 'version')],
    ['Model-Commit', specText(target.entry, 'gitCommit')],
    ['Model-Digest', specText(target.entry, 'modelDigest')],
    ['Rolled-Back-From', specText(current.entry, 'modelDigest')],
    ['Rollback-Id', `${environment}/${current.commit}`]
  ]
  const lines = trailers.flatMap(([name = '', value]) =>
    value === undefined ? [] : [`${name}: ${value}\n`]
  )
  return `${title}

${reason === undefined ? '' : `${oneLine(reason)}\n`}It restores what commit
${target.commit} brought.

${lines.join('')}`
}

function oneLine(text: string): string {
  return bound(text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim(), 1_000)
}

function absent(where: string): Fault {
  return new Fault('ENTRY_ABSENT', 'there is no such registry entry', {
    where,
    remedy: 'Name the model and the environment as in registry/MODEL/ENVIRONMENT.yaml.'
  })
}

function noTarget(where: string, to: string | undefined): Fault {
  if (to === undefined) {
    return new Fault('ROLLBACK_TARGET', 'there is no earlier entry with another model', { where })
  }
  return new Fault('ROLLBACK_TARGET', 'no earlier entry is of this commit', {
    where,
    found: JSON.stringify(bound(to, 80)),
    expected: 'a commit of the branch, or the commit that was trained'
  })
}
