import { createHash, hash } from 'node:crypto'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { ModelSources, SourceFile } from '../model-sources/collect-sources.ts'
import { requireValues } from '../model-sources/model-values.ts'
import { insideOf } from '../model-sources/source-pattern.ts'
import { projectFile } from '../project/project.ts'
import type { ModelSelection } from '../model-sources/select-sources.ts'
import { pointedDigest } from '../repository/lfs-pointer.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { readValueFiles } from '../sources.ts'

/**
 * The list that a model digest is the SHA-256 of. For files it is what `sha256sum` prints: 64 hexadecimal
 * digits, two spaces and the path, in byte order of the paths; for a link a space and `@` in place of two
 * spaces, and the digest of its target's name. Paths are relative to the application path. Files outside of
 * it follow after an empty line, relative to the repository's root, and the model's values as canonical
 * JSON after another one. It covers names and contents, but not modes, times and empty folders.
 *
 * @throws {Fault} `MODEL_VALUE_MISSING`, `FILE_UNREADABLE`, `PATH_LINKED_FOLDER`, and for value files as a
 *   render
 */
export function modelList(tree: RepositoryTree, { files, selection }: ModelSources): string {
  const { sourcePath } = selection
  const [inside, outside]: [Listed[], Listed[]] = [[], []]
  for (const file of files) {
    const name = insideOf(sourcePath, file.file)
    if (name === undefined) outside.push({ ...file, name: file.file })
    else inside.push({ ...file, name })
  }
  const values = valuesText(tree, selection)
  return [
    linesOf(tree, inside),
    ...(outside.length === 0 && values === undefined ? [] : ['\n', linesOf(tree, outside)]),
    ...(values === undefined ? [] : ['\n', values, '\n'])
  ].join('')
}

/** The digest of a list: `sha256:` and 64 hexadecimal digits. */
export function digestOf(list: string): string {
  return `sha256:${hash('sha256', list)}`
}

/** Refuses a model without files: its digest would be that of any other. @throws {Fault} `MODEL_DIGEST_EMPTY` */
export function refuseEmpty(tree: RepositoryTree, { files, selection }: ModelSources): void {
  if (files.length > 0) return
  throw new Fault('MODEL_DIGEST_EMPTY', 'the model has no files', {
    where: tree.nameOf(selection.sourcePath) || '.',
    expected:
      'a file that Git does not ignore and that is not evidence, a value file or a manifest that runs nothing',
    remedy: 'Name what the model is made of: model.sources in mlgitops.yaml.'
  })
}

interface Listed extends SourceFile {
  readonly name: string
}

function linesOf(tree: RepositoryTree, files: readonly Listed[]): string {
  return files
    .map(file => ({ file, order: Buffer.from(file.name) }))
    .sort((a, b) => Buffer.compare(a.order, b.order))
    .map(({ file }) => lineOf(tree, file))
    .join('')
}

/** A name that sha256sum escapes has a backslash before its line. Source: coreutils, digest.c. */
function lineOf(tree: RepositoryTree, file: Listed): string {
  const escaped = file.name.replace(/[\\\n\r]/g, found => escapes[found] ?? found)
  const start = escaped === file.name ? '' : '\\'
  return `${start}${contentDigest(tree, file)} ${file.link === undefined ? ' ' : '@'}${escaped}\n`
}

/** The pointer of Git LFS counts as the file that it stands for, so that both have one digest. */
function contentDigest(tree: RepositoryTree, { file, bytes, link }: SourceFile): string {
  if (link !== undefined) return hash('sha256', link)
  if (bytes > maxWholeBytes) return digestInParts(tree, file)
  const content = tree.wholeOf(file)
  return pointedDigest(content) ?? hash('sha256', content)
}

/** `crypto.hash` is faster for small files. */
const maxWholeBytes = 256 * 1024

function digestInParts(tree: RepositoryTree, file: string): string {
  const digest = createHash('sha256')
  let length = 0
  let pointed: string | undefined
  for (const part of tree.partsOf(file)) {
    pointed = length === 0 ? pointedDigest(part) : undefined
    length += part.length
    digest.update(part)
  }
  return pointed ?? digest.digest('hex')
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r' }

function valuesText(
  tree: RepositoryTree,
  { values, sourcePath, project }: ModelSelection
): string | undefined {
  if (values === undefined) return undefined
  // Reports a value file that cannot be read.
  readValueFiles(
    tree,
    values.files.map(file => ({ file, isOptional: true }))
  )
  const text = values.key(file =>
    tree.kindOf(file) === 'absent' ? undefined : tree.readBytes(file)
  )
  requireValues(text, project, tree.nameOf(path.posix.join(sourcePath, projectFile)))
  return text
}
