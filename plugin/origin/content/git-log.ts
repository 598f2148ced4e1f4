import type { Checkout } from '../checkout.ts'
import { streamGit } from '../git.ts'
import type { GitFailure } from '../git.ts'
import type { SourceSelection } from '../source-selection.ts'
import { pathspecOf } from '../work-tree-files.ts'
import { submoduleAround } from './boundary.ts'
import { CommitLog } from './commit-log.ts'
import type { FileRoles } from './file-roles.ts'
import { hasCommitGraph } from './git-folder.ts'
import { rawLogFormat, RawLogReader } from './raw-log.ts'

/** A history with facts of its first commit. */
export interface ReadLog {
  readonly kind: 'log'
  readonly log: CommitLog
  /** The committer date in seconds since 1970; empty where it is not known. */
  readonly date: string
  /** The object ID of the tree; empty where it is not known. */
  readonly tree: string
}

/**
 * The history that git prints, or why it does not. It prints the date only where it reads the commits anyway.
 *
 * @throws {Fault} `GIT_*`, `HISTORY_LIMIT`
 */
export async function gitLog(
  checkout: Checkout,
  selection: SourceSelection,
  roles: FileRoles
): Promise<ReadLog | GitFailure> {
  const log = new CommitLog()
  const reader = new RawLogReader(log, (path, isSubmodule) => roles.counts(path, isSubmodule))
  const isDated = !hasCommitGraph(checkout.root)
  const format = rawLogFormat({ isDated, hasTree: checkout.needsTree === true })
  const failure = await streamGit(checkout.root, logArguments(checkout, selection, format), {
    input: '',
    take: part => {
      reader.take(part)
    }
  })
  return failure ?? { kind: 'log', log, date: reader.date, tree: reader.tree }
}

/** The tree paths outside of which no change counts; with the submodules that roots are in. */
export function logPaths(root: string, { roots, values }: SourceSelection): readonly string[] {
  const submodules = roots.flatMap(inside => submoduleAround(root, inside) ?? [])
  return [...roots, ...submodules, ...(values?.files ?? [])]
}

/** All commits, with changes against first parents only. The configuration can set other defaults. */
function logArguments(
  { root, settings, commit }: Checkout,
  selection: SourceSelection,
  format: string
) {
  const pathspecs = logPaths(root, selection).map(pathspecOf)
  if (pathspecs.length === 0) throw new Error('a selection of sources without roots')
  return [
    ...settings,
    ...['-c', 'log.follow=false', '-c', 'log.mailmap=false', '-c', 'log.showRoot=true'],
    ...['log', `--format=${format}`, '--no-decorate', '--no-notes', '--no-color'],
    ...['--raw', '-z', '--no-abbrev', '--no-renames', '--diff-merges=first-parent'],
    ...['--ignore-submodules=none', '--no-relative', '-O/dev/null'],
    ...['--full-history', '--sparse', commit, '--', ...pathspecs]
  ]
}
