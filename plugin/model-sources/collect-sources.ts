import path from 'node:path'
import { bound, Fault } from '../../common/fault.ts'
import { notCheckedOut } from '../origin/absent-files.ts'
import { projectFile } from '../project/project.ts'
import type { LinkTarget } from '../repository/links.ts'
import type { RepositoryTree } from '../repository/tree.ts'
import { filesBelow } from './files-below.ts'
import { maxClassifiedBytes } from './manifest-kinds.ts'
import type { ModelSelection } from './select-sources.ts'
import { insideOf } from './source-pattern.ts'
import { tooLarge } from './too-large.ts'

/** A file of a model: a regular file, or a link, which counts by its target's name. */
export interface SourceFile {
  readonly file: string
  readonly bytes: number
  readonly link: Buffer | undefined
}

/** The files of a model. */
export interface ModelSources {
  readonly selection: ModelSelection
  /** Unordered. */
  readonly files: readonly SourceFile[]
  /** Every pattern with the number of files that it contributes. */
  readonly patterns: readonly { readonly pattern: string; readonly files: number }[]
  /** Warnings, one sentence each. */
  readonly warnings: readonly string[]
}

/** Finds the files of a model. Undefined: all files count, as in a checkout that has nothing else. */
export type ListFiles = (
  roots: readonly string[],
  isWanted: (file: string) => boolean
) => Promise<readonly string[] | undefined>

const maxFiles = 10_000
/** The total size: hashing it takes about ten seconds of a core. */
const maxBytes = 4 * 1024 ** 3

/**
 * Collects the files of a model.
 *
 * @param list lists the candidates by tree path
 * @throws {Fault} `PATTERN_UNMATCHED`, `PATTERN_INVALID`, `PATH_OUTSIDE`, `MODEL_DIGEST_FILE` for anything but
 *   a regular file or a link, `MODEL_DIGEST_LIMIT`, `MODEL_SOURCE_LINK`, `FILE_*`, `PATH_LINKED_FOLDER`
 */
export async function collectSources(
  tree: RepositoryTree,
  selection: ModelSelection,
  list: ListFiles
): Promise<ModelSources> {
  const where = tree.nameOf(selection.sourcePath) || '.'
  const isWanted = (file: string) => selection.decide(file) !== 'other'
  const reaches = (folder: string) => selection.patterns.some(pattern => pattern.reaches(folder))
  tree.reach.addSelection('.', { has: isWanted, reaches })
  const listed =
    (await list(selection.roots, isWanted)) ??
    selection.roots.flatMap(root =>
      filesBelow(tree, root, { has: isWanted, reaches, most: maxFiles })
    )
  const files: SourceFile[] = []
  let bytes = 0
  for (const file of listed) {
    const source = isWanted(file) ? sourceOf(tree, selection, file) : undefined
    if (source === undefined) continue
    files.push(source)
    bytes += source.bytes
    if (files.length > maxFiles) throw tooLarge(where, `${maxFiles} files`)
  }
  if (bytes > maxBytes) throw tooLarge(where, `${maxBytes} bytes`)
  return {
    selection,
    files,
    patterns: countMatches(tree, selection, files),
    warnings: checkLinks(tree, selection, files)
  }
}

/** Undefined for a file that is not part of the model, or that Git tracks and that does not exist. */
function sourceOf(
  tree: RepositoryTree,
  selection: ModelSelection,
  file: string
): SourceFile | undefined {
  const stats = tree.statsOf(file)
  if (stats === undefined) {
    // A name that is not UTF-8 is not the name of a deleted file: reading it reports that.
    if (file.includes('\uFFFD')) tree.partsOf(file).next()
    return undefined
  }
  if (stats.isSymbolicLink()) {
    const link = tree.linkOf(file).bytes
    return { file, bytes: link.length, link }
  }
  if (stats.isDirectory()) throw notCheckedOut({ kind: 'submodule', file }, tree.nameOf(file))
  if (!stats.isFile()) throw notRegular(tree, file)
  const source = { file, bytes: stats.size, link: undefined }
  if (selection.decide(file) === 'source' || stats.size > maxClassifiedBytes) return source
  return selection.isSource(file, tree.wholeOf(file)) ? source : undefined
}

function countMatches(
  tree: RepositoryTree,
  { patterns, sourcePath }: ModelSelection,
  files: readonly SourceFile[]
): ModelSources['patterns'] {
  const where = tree.nameOf(path.posix.join(sourcePath, projectFile))
  return patterns.map(({ text, root, isLiteral, matches }) => {
    const count = files.filter(({ file }) => matches(file)).length
    const isApplicationPath = isLiteral && root === sourcePath
    if (count > 0 || isApplicationPath) return { pattern: text, files: count }
    throw new Fault('PATTERN_UNMATCHED', 'the pattern matches no file of the model', {
      where,
      found: `model.sources: ${JSON.stringify(bound(text, 200))}`,
      expected:
        'at least one file that Git does not ignore; evidence, mlgitops.yaml and manifests that run nothing are never part of a model',
      remedy: 'Correct or remove the pattern.'
    })
  })
}

/**
 * A link counts by its target's name only, so the target must be a source too: an error where the project
 * declares sources, else a warning.
 */
function checkLinks(
  tree: RepositoryTree,
  selection: ModelSelection,
  files: readonly SourceFile[]
): readonly string[] {
  const uncoveredLinks = files
    .filter(({ file, link }) => link !== undefined && !isCovered(tree.linkOf(file), selection))
    .map(({ file }) => tree.nameOf(file))
    .sort()
  const [first] = uncoveredLinks
  if (first === undefined) return []
  if (selection.project.model.sources !== undefined) {
    throw new Fault('MODEL_SOURCE_LINK', 'the link leads to what is not a source of the model', {
      where: first,
      expected: 'a target that model.sources names too',
      remedy: 'Add the target to model.sources in mlgitops.yaml, or copy it.'
    })
  }
  const more = uncoveredLinks.length === 1 ? '' : ` and ${uncoveredLinks.length - 1} more`
  return [
    `${first}${more}: the model digest does not cover the target of the link: name it in model.sources of mlgitops.yaml`
  ]
}

function isCovered({ leadsTo }: LinkTarget, selection: ModelSelection): boolean {
  switch (leadsTo.kind) {
    case 'nowhere':
      return true
    case 'outside':
      return false
    case 'file':
      return selection.decide(leadsTo.treePath) !== 'other'
    case 'folder':
      return selection.patterns.some(
        ({ isLiteral, root }) => isLiteral && insideOf(root, leadsTo.treePath) !== undefined
      )
  }
}

function notRegular(tree: RepositoryTree, file: string): Fault {
  return new Fault(
    'MODEL_DIGEST_FILE',
    'the model digest cannot include a device, pipe or socket',
    {
      where: tree.nameOf(file),
      expected: 'a regular file or a link',
      remedy: 'Remove it from the sources of the model (model.sources in mlgitops.yaml).'
    }
  )
}
