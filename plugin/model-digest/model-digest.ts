import { createHash } from 'node:crypto'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { filesBelow } from './files-below.ts'
import { tooLarge } from './too-large.ts'

/** The files of a model digest. */
export interface ModelFiles {
  readonly tree: RepositoryTree
  /** The application path. */
  readonly sourcePath: string
  /** Tree paths that are excluded, as they are from the model commit. */
  readonly evidenceFiles: readonly string[]
  /** Tree paths that Git tracks or would add; undefined for all files below the application path. */
  readonly known: readonly string[] | undefined
}

/** A folder with more files has not only a model's manifests and sources. */
const maxFiles = 10_000
/** The total size: hashing it takes about ten seconds of a core. */
const maxBytes = 4 * 1024 ** 3

/**
 * The SHA-256 digest of the text that `sha256sum` prints for a model's files: lines of 64 hexadecimal
 * digits, two spaces and the path in the application path, in byte order of the paths. It covers names
 * and contents, but not modes, times and empty folders.
 *
 * @returns `sha256:` and 64 hexadecimal digits
 * @throws {Fault} `MODEL_DIGEST_FILE` for anything but a regular file and for a name that sha256sum
 *   escapes, `MODEL_DIGEST_EMPTY`, `MODEL_DIGEST_LIMIT`, `FILE_UNREADABLE`, `PATH_LINKED_FOLDER`
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
    throw new Fault('MODEL_DIGEST_EMPTY', 'there are no files to digest', {
      where,
      expected: 'a file that is neither a bias audit nor ignored by Git'
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

/** The size of a file; undefined for a tracked file that does not exist. */
function coveredBytes(tree: RepositoryTree, file: string): number | undefined {
  if (/[\\\n\r\uFFFD]/.test(file)) {
    throw uncovered(tree, file, 'a name with a backslash, a line break or invalid UTF-8')
  }
  const stats = tree.statsOf(file)
  if (stats === undefined) return undefined
  if (stats.isSymbolicLink()) throw uncovered(tree, file, 'a symbolic link')
  if (stats.isDirectory()) throw uncovered(tree, file, 'a repository inside the repository')
  if (!stats.isFile()) throw uncovered(tree, file, 'a device, pipe or socket')
  return stats.size
}

function uncovered(tree: RepositoryTree, file: string, what: string): Fault {
  return new Fault('MODEL_DIGEST_FILE', `the model digest cannot include ${what}`, {
    where: tree.nameOf(file),
    expected: 'a regular file with a plain name',
    remedy: 'Replace it with a regular file, or use modelCommit in the bias audit.'
  })
}
