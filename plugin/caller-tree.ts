import path from 'node:path'
import { readCallerText } from './caller-file.ts'
import type { Origin } from './origin/origin.ts'
import { RepositoryTree } from './repository/tree.ts'
import { readValues } from './sources.ts'
import type { ValueFile } from './sources.ts'

/**
 * The repository of a caller. File names in messages are relative to the caller's folder if it contains
 * the application, else to the application.
 */
export function callerTree(origin: Origin, folder: string): RepositoryTree {
  const application = path.join(origin.root, origin.context.sourcePath)
  const fromCaller = path.relative(folder, application)
  const base = fromCaller.startsWith('..') || path.isAbsolute(fromCaller) ? application : folder
  return new RepositoryTree(
    origin.root,
    treePath => path.relative(base, path.join(origin.root, treePath)) || '.'
  )
}

/**
 * Reads a value file that the caller names.
 *
 * @throws {Fault} as `readCallerText` and `readValues`
 */
export function readCallerValues(name: string, folder: string): ValueFile {
  const file = path.basename(name)
  return {
    file,
    values: readValues(readCallerText(path.resolve(folder, name), `--values ${file}`), file)
  }
}
