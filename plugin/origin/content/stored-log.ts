import type { Checkout } from '../checkout.ts'
import type { SourceSelection } from '../source-selection.ts'
import { ObjectStore } from '../stored/object-store.ts'
import { parseCommit } from '../stored/stored-commit.ts'
import type { StoredCommit } from '../stored/stored-commit.ts'
import { parseTree } from '../stored/stored-tree.ts'
import type { TreeEntries, TreeEntry } from '../stored/stored-tree.ts'
import { isShallow, plainObjects } from './git-folder.ts'
import { CommitLog } from './commit-log.ts'
import { addFileChange } from './file-change.ts'
import type { FileChange, FileState } from './file-change.ts'
import { bytesOf } from './file-roles.ts'
import type { FileRoles } from './file-roles.ts'
import { logPaths } from './git-log.ts'
import type { ReadLog } from './git-log.ts'

/** Undefined: Git must be asked. */
type Unknown = undefined

/** After so many objects git, which starts more slowly, would have been faster. */
const maxReads = 400

/**
 * Reads a history from its objects: the same log as git's. Undefined where Git must be asked: for a long
 * history, a shallow clone, and objects or a configuration of unusual forms.
 *
 * @throws {Fault} `HISTORY_LIMIT`
 */
export function storedLogOf(
  { root, commit }: Checkout,
  selection: SourceSelection,
  roles: FileRoles
): ReadLog | Unknown {
  const folder = isShallow(root) ? undefined : plainObjects(root)
  if (folder === undefined) return undefined
  const store = new ObjectStore(folder, maxReads)
  const commits = ancestorsOf(store, commit)
  const first = commits?.get(commit)
  if (commits === undefined || first === undefined) return undefined
  const log = new CommitLog()
  const isWanted = (path: string, isSubmodule: boolean) => roles.counts(path, isSubmodule)
  const trees = new TreeReader(store, logPaths(root, selection).map(bytesOf))
  for (const [id, { tree, parents }] of commits) {
    const number = log.addCommit(id, parents)
    const parent = commits.get(parents[0] ?? '')
    const isRead = trees.compare(parent?.tree, tree, '', change => {
      addFileChange(log, number, change, isWanted)
    })
    if (!isRead) return undefined
  }
  return { kind: 'log', log, date: first.seconds, tree: first.tree }
}

/** A commit and all its ancestors, the commit first. */
function ancestorsOf(
  store: ObjectStore,
  commit: string
): ReadonlyMap<string, StoredCommit> | Unknown {
  const commits = new Map<string, StoredCommit>()
  const ids = new Set([commit])
  for (const id of ids) {
    const object = store.read(id)
    const read = object?.kind === 'commit' ? parseCommit(object.bytes) : undefined
    if (read === undefined) return undefined
    commits.set(id, read)
    for (const parent of read.parents) ids.add(parent)
  }
  return commits
}

const nothing: TreeEntries = new Map()

/** Compares trees, and reads each of them once. */
class TreeReader {
  readonly #store: ObjectStore
  readonly #paths: readonly string[]
  readonly #trees = new Map<string, TreeEntries>()

  constructor(store: ObjectStore, paths: readonly string[]) {
    this.#store = store
    this.#paths = paths
  }

  /**
   * Passes on the files that differ in two trees, either of which may be absent.
   *
   * @param folder the path of both trees, ending in a slash; empty for the root
   * @returns false where Git must be asked
   */
  compare(
    before: string | undefined,
    after: string | undefined,
    folder: string,
    take: (change: FileChange) => void
  ): boolean {
    if (before === after) return true
    const [old, now] = [this.#entriesOf(before), this.#entriesOf(after)]
    if (old === undefined || now === undefined) return false
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      const sides = [old.get(name), now.get(name)] as const
      if (!this.#compareEntries(folder + name, sides, take)) return false
    }
    return true
  }

  #compareEntries(
    path: string,
    [before, after]: readonly [TreeEntry | undefined, TreeEntry | undefined],
    take: (change: FileChange) => void
  ): boolean {
    if (this.#isBelowPath(path)) take({ path, before: fileIn(before), after: fileIn(after) })
    else if (!this.#paths.some(each => each.startsWith(`${path}/`))) return true
    return this.compare(treeIn(before), treeIn(after), `${path}/`, take)
  }

  #isBelowPath(path: string): boolean {
    return this.#paths.some(each => each === '.' || path === each || path.startsWith(`${each}/`))
  }

  #entriesOf(tree: string | undefined): TreeEntries | Unknown {
    if (tree === undefined) return nothing
    const known = this.#trees.get(tree)
    if (known !== undefined) return known
    const object = this.#store.read(tree)
    const entries = object?.kind === 'tree' ? parseTree(object.bytes) : undefined
    if (entries !== undefined) this.#trees.set(tree, entries)
    return entries
  }
}

function fileIn(entry: TreeEntry | undefined): FileState | undefined {
  if (entry === undefined || entry.kind === 'tree') return undefined
  return { kind: entry.kind, id: entry.id }
}

function treeIn(entry: TreeEntry | undefined): string | undefined {
  return entry?.kind === 'tree' ? entry.id : undefined
}
