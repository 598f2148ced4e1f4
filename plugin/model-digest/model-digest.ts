import { createHash } from 'node:crypto'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { filesBelow } from './files-below.ts'
import { tooLarge } from './too-large.ts'

/** The files that a digest is of. */
export interface ModelFiles {
  readonly tree: RepositoryTree
  /** The application path. */
  readonly sourcePath: string
  /** Tree paths that are left out, as the model's commit leaves them out. */
  readonly evidenceFiles: readonly string[]
  /** Tree paths that Git has or would add; undefined: all that lie below the application path. */
  readonly known: readonly string[] | undefined
}

/** More is no folder of a model's manifests and sources. */
const maxFiles = 10_000
/** Of all files together: some ten seconds of a core. */
const maxBytes = 4 * 1024 ** 3

/**
 * The digest of a model's files: of the text that `sha256sum` prints of them, lines of 64 hexadecimal
 * digits, two spaces and the path within the application path, in byte order of the paths. It sees names
 * and contents; modes, times and empty folders it does not.
 *
 * @returns `sha256:` and 64 hexadecimal digits
 * @throws {Fault} `MODEL_DIGEST_FILE` for what is no regular file and for a name that sha256sum writes
 *   in another way, `MODEL_DIGEST_EMPTY`, `MODEL_DIGEST_LIMIT`, `FILE_UNREADABLE`, `PATH_LINKED_FOLDER`
 */
export function modelDigest({ tree, sourcePath, evidenceFiles, known }: ModelFiles): string {
  const where = tree.nameOf(sourcePath) || '.'
  const evidence = new Set(evidenceFiles)
  const names: { readonly file: string; readonly name: Buffer }[] = []
  let bytes = 0
  for (const file of known ?? filesBelow(tree, sourcePath, maxFiles)) {
    const size = evidence.has(file) ? undefined : coveredBytes(tree, file)
    if (size === undefined) continue
    bytes += size
    names.push({ file, name: Buffer.from(path.posix.relative(sourcePath, file)) })
    if (names.length > maxFiles) throw tooLarge(where, `${maxFiles} files`)
  }
  if (bytes > maxBytes) throw tooLarge(where, `${maxBytes} bytes`)
  if (names.length === 0) {
    throw new Fault('MODEL_DIGEST_EMPTY', 'there is no file that a digest could cover', {
      where,
      expected: 'files beside the bias audit, which Git does not ignore'
    })
  }
  const digest = createHash('sha256')
  for (const { file, name } of names.sort((a, b) => Buffer.compare(a.name, b.name))) {
    const hash = createHash('sha256')
    for (const part of tree.partsOf(file)) hash.update(part)
    digest
      .update(`${hash.digest('hex')}  `)
      .update(name)
      .update('\n')
  }
  return `sha256:${digest.digest('hex')}`
}

/** A file's size; undefined for one that Git knows and nobody has. */
function coveredBytes(tree: RepositoryTree, file: string): number | undefined {
  if (/[\\\n\r\uFFFD]/.test(file)) {
    throw uncovered(tree, file, 'a name with a backslash, a line break or no UTF-8')
  }
  const stats = tree.statsOf(file)
  if (stats === undefined) return undefined
  if (stats.isSymbolicLink()) throw uncovered(tree, file, 'a symbolic link')
  if (stats.isDirectory()) throw uncovered(tree, file, 'a repository within the repository')
  if (!stats.isFile()) throw uncovered(tree, file, 'a device, pipe or socket')
  return stats.size
}

function uncovered(tree: RepositoryTree, file: string, what: string): Fault {
  return new Fault('MODEL_DIGEST_FILE', `a digest of the model's files cannot cover ${what}`, {
    where: tree.nameOf(file),
    expected: 'a regular file with a plain name',
    remedy: 'Put such a file there, or let the bias audit name the commit (modelCommit).'
  })
}
