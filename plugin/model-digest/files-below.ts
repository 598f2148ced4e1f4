import path from 'node:path'
import type { RepositoryTree } from '../repository/tree.ts'
import { tooLarge } from './too-large.ts'

/**
 * All entries below a folder except folders, by tree path, unordered, without following links. Skips the
 * folder's own `.git`; a folder below that has a `.git` is a repository, and is one entry.
 *
 * @param most the largest number of files, and of folders
 * @throws {Fault} `MODEL_DIGEST_LIMIT`, `FILE_UNREADABLE`, `PATH_LINKED_FOLDER`
 */
export function filesBelow(tree: RepositoryTree, folder: string, most: number): readonly string[] {
  const where = tree.nameOf(folder) || '.'
  const files: string[] = []
  const folders = [folder]
  for (const at of folders) {
    for (const entry of tree.entriesOf(at)) {
      const file = path.posix.join(at, entry.name)
      if (entry.name === '.git') {
        if (at !== folder) files.push(at)
      } else if (entry.isDirectory()) folders.push(file)
      else files.push(file)
      if (files.length > most) throw tooLarge(where, `${most} files`)
      if (folders.length > most) throw tooLarge(where, `${most} folders`)
    }
  }
  return files
}
