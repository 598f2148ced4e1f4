import path from 'node:path'
import type { RepositoryTree } from '../repository/tree.ts'
import { tooLarge } from './too-large.ts'

/** The files that are listed. */
export interface Wanted {
  has(file: string): boolean
  /** Whether a folder can have such files below it. */
  reaches(folder: string): boolean
  /** The largest number of files, and of folders. */
  readonly most: number
}

/**
 * The wanted entries of a tree path, which is a file or a folder, except folders: by tree path, unordered,
 * without following links. Skips every `.git`.
 *
 * @throws {Fault} `MODEL_DIGEST_LIMIT`, `FILE_UNREADABLE`, `PATH_LINKED_FOLDER`
 */
export function filesBelow(tree: RepositoryTree, root: string, wanted: Wanted): readonly string[] {
  const stats = tree.statsOf(root)
  if (stats?.isDirectory() === true) return filesIn(tree, root, wanted)
  return stats !== undefined && wanted.has(root) ? [root] : []
}

function filesIn(tree: RepositoryTree, root: string, wanted: Wanted): readonly string[] {
  const where = tree.nameOf(root) || '.'
  const files: string[] = []
  const folders = [root]
  for (const at of folders) {
    for (const entry of tree.entriesOf(at)) {
      if (entry.name === '.git') continue
      const file = path.posix.join(at, entry.name)
      if (!entry.isDirectory()) {
        if (wanted.has(file)) files.push(file)
      } else if (wanted.reaches(file)) folders.push(file)
      if (files.length > wanted.most) throw tooLarge(where, `${wanted.most} files`)
      if (folders.length > wanted.most) throw tooLarge(where, `${wanted.most} folders`)
    }
  }
  return files
}
