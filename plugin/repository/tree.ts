import { isUtf8 } from 'node:buffer'
import { lstatSync, opendirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import type { Dirent, Stats } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { guarded, systemFault } from '../system-fault.ts'
import { refusePointer } from './lfs-pointer.ts'
import { linkTargets } from './link-targets.ts'
import { linkTarget, realFile } from './links.ts'
import type { LinkTarget } from './links.ts'
import { Reach } from './reach.ts'
import { refuseIrregular } from './regular-file.ts'
import { UnlinkedFiles } from './unlinked-files.ts'

/** One entry of a folder. */
export interface TreeEntry {
  readonly name: string
  readonly kind: 'file' | 'folder'
}

/**
 * Reads files of a repository. Paths are relative to its root, with `/`. The repository is untrusted:
 * files outside of it cannot be read, neither by `..` nor through a link; linked folders, devices and
 * `.git` are refused.
 */
export class RepositoryTree {
  /** The paths that were read, listed or looked for. */
  readonly reach = new Reach()
  readonly #root: string
  readonly #nameOf: (treePath: string) => string
  readonly #read = new Map<string, string>()
  readonly #unlinked = new UnlinkedFiles()
  /** Folders that are neither links nor below one. */
  readonly #plainFolders = new Set<string>()
  /** The folders of {@link statsOf}, which are folders, and not links. */
  readonly #statFolders = new Set<string>()

  /**
   * @param root absolute path of the repository's root
   * @param nameOf turns a tree path into the name that messages use
   */
  constructor(root: string, nameOf: (treePath: string) => string) {
    this.#root = guarded(nameOf('.'), () => realpathSync(root))
    this.#nameOf = nameOf
  }

  /** The absolute path of the root, with links resolved. Never for messages. */
  get root(): string {
    return this.#root
  }

  /** The name of a tree path in messages. */
  nameOf(treePath: string): string {
    return this.#nameOf(treePath)
  }

  /**
   * `target`, relative to the folder `from`, as a tree path.
   *
   * @throws {Fault} `PATH_OUTSIDE`
   */
  resolve(from: string, target: string): string {
    const resolved = path.posix.normalize(path.posix.join(from, target))
    const isInside = resolved !== '..' && !resolved.startsWith('../') && !path.isAbsolute(target)
    if (isInside && !target.includes('\0') && !target.includes('\\')) {
      return resolved.replace(/\/$/, '') || '.'
    }
    const message = `the path ${JSON.stringify(target)} is outside the repository`
    throw new Fault('PATH_OUTSIDE', message, {
      where: this.nameOf(from),
      remedy: 'Keep all files of a render in the repository.'
    })
  }

  /**
   * The kind of a tree path. A link has the kind of its target.
   *
   * @throws {Fault} `FILE_UNREADABLE`, also for a link whose target does not exist
   */
  kindOf(treePath: string): 'file' | 'folder' | 'absent' {
    this.reach.addFile(treePath)
    const absolute = this.#absolute(treePath)
    const stats = this.#guard(treePath, () => statSync(absolute, { throwIfNoEntry: false }))
    if (stats !== undefined) return stats.isDirectory() ? 'folder' : 'file'
    if (this.#guard(treePath, () => lstatSync(absolute, { throwIfNoEntry: false })) === undefined)
      return 'absent'
    this.#reachTargets(treePath)
    throw new Fault('FILE_UNREADABLE', 'the target of the link does not exist', {
      where: this.nameOf(treePath)
    })
  }

  /**
   * Entries of a folder by name, in code unit order.
   *
   * @throws {Fault} `PATH_LINKED_FOLDER`, `FILE_UNREADABLE`
   */
  list(folder: string): readonly TreeEntry[] {
    this.reach.addFolder(folder, false)
    this.#refuseLinkedFolder(folder)
    const entries = this.#guard(folder, () =>
      readdirSync(this.#absolute(folder), { withFileTypes: true })
    )
    return entries
      .map((entry): TreeEntry => {
        const isFolder = entry.isSymbolicLink()
          ? this.#isLinkToFolder(path.posix.join(folder, entry.name))
          : entry.isDirectory()
        return { name: entry.name, kind: isFolder ? 'folder' : 'file' }
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #isLinkToFolder(treePath: string): boolean {
    this.reach.addFile(treePath)
    const stats = this.#guard(treePath, () =>
      statSync(this.#absolute(treePath), { throwIfNoEntry: false })
    )
    return stats?.isDirectory() === true
  }

  /**
   * Files below a folder, relative to it: its own, and if `isDeep` those of its sub-folders but the ones
   * whose name starts with a dot. Throws as {@link list} does.
   */
  filesBelow(folder: string, isDeep: boolean): readonly string[] {
    if (isDeep) this.reach.addFolder(folder, true)
    return this.list(folder).flatMap(({ name, kind }) => {
      if (kind === 'file') return [name]
      if (!isDeep || name.startsWith('.')) return []
      const below = this.filesBelow(path.posix.join(folder, name), isDeep)
      return below.map(file => path.posix.join(name, file))
    })
  }

  /**
   * The text of a file.
   *
   * @throws {Fault} `PATH_OUTSIDE`, `PATH_LINKED_FOLDER`, `FILE_UNREADABLE`, `FILE_TOO_LARGE`,
   *   `FILE_NOT_CHECKED_OUT` for a Git LFS pointer
   */
  read(treePath: string): string {
    const known = this.#read.get(treePath)
    if (known !== undefined) return known
    const text =
      this.#unlinked.take(this.#absolute(treePath))?.toString() ??
      this.#load(treePath, file => readFileSync(file, 'utf8'))
    refusePointer(text, () => this.nameOf(treePath))
    // Invalid UTF-8 is read as U+FFFD, which valid text can contain too.
    if (text.includes('\uFFFD') && !isUtf8(this.readBytes(treePath))) {
      throw new Fault('FILE_UNREADABLE', 'the file is not UTF-8 text', {
        where: this.nameOf(treePath)
      })
    }
    const withoutMark = text.startsWith('\uFEFF') ? text.slice(1) : text
    this.#read.set(treePath, withoutMark)
    return withoutMark
  }

  /** The bytes of a file, for files that are copied. Throws as {@link read} does. */
  readBytes(treePath: string): Buffer {
    const bytes = this.#load(treePath, file => readFileSync(file))
    refusePointer(bytes, () => this.nameOf(treePath))
    return bytes
  }

  /**
   * The status of a tree path, without following a link; undefined if it does not exist.
   *
   * @throws {Fault} `PATH_LINKED_FOLDER`, `FILE_UNREADABLE`
   */
  statsOf(treePath: string): Stats | undefined {
    this.reach.addFile(treePath)
    const folder = path.posix.dirname(treePath)
    if (!this.#statFolders.has(folder)) {
      const stats = this.#guard(folder, () =>
        statSync(this.#absolute(folder), { throwIfNoEntry: false })
      )
      if (stats?.isDirectory() !== true) return undefined
      this.#refuseLinkedFolder(folder)
      this.#statFolders.add(folder)
    }
    return this.#guard(treePath, () =>
      lstatSync(this.#absolute(treePath), { throwIfNoEntry: false })
    )
  }

  /**
   * The target of a link.
   *
   * @throws {Fault} `PATH_LINKED_FOLDER`, `FILE_UNREADABLE`
   */
  linkOf(treePath: string): LinkTarget {
    this.reach.addFile(treePath)
    this.#refuseLinkedFolder(path.posix.dirname(treePath))
    return this.#guard(treePath, () => linkTarget(this.#root, this.#absolute(treePath)))
  }

  /**
   * Yields the entries of a folder one by one, unordered: it may have too many to keep in memory.
   *
   * @throws {Fault} `PATH_LINKED_FOLDER`, `FILE_UNREADABLE`
   */
  *entriesOf(folder: string): Generator<Dirent> {
    this.reach.addFolder(folder, false)
    this.#refuseLinkedFolder(folder)
    const opened = this.#guard(folder, () => opendirSync(this.#absolute(folder)))
    try {
      for (;;) {
        const entry = this.#guard(folder, () => opened.readSync())
        if (entry === null) return
        yield entry
      }
    } finally {
      opened.closeSync()
    }
  }

  /**
   * Yields the bytes of a regular file in parts, for large files. A part is valid until the next one is
   * requested. Links are not followed.
   *
   * @throws {Fault} `PATH_LINKED_FOLDER`, `FILE_UNREADABLE`
   */
  *partsOf(treePath: string): Generator<Buffer> {
    const file = this.#unlinkedFile(treePath)
    yield* this.#unlinked.partsOf(file, action => this.#guard(treePath, action))
  }

  /**
   * The bytes of a small regular file, which are not changed: {@link read} returns their text afterwards.
   * Links are not followed.
   *
   * @throws {Fault} `PATH_LINKED_FOLDER`, `FILE_UNREADABLE`
   */
  wholeOf(treePath: string): Buffer {
    const file = this.#unlinkedFile(treePath)
    return this.#unlinked.wholeOf(file, action => this.#guard(treePath, action))
  }

  #unlinkedFile(treePath: string): string {
    this.reach.addFile(treePath)
    this.#refuseLinkedFolder(path.posix.dirname(treePath))
    return this.#absolute(treePath)
  }

  #load<Content>(treePath: string, readFile: (file: string) => Content): Content {
    this.reach.addFile(treePath)
    this.#refuseLinkedFolder(path.posix.dirname(treePath))
    const { file, stats } = this.#guard(treePath, () => {
      this.#reachTargets(treePath)
      return realFile(this.#root, this.#absolute(treePath), () => this.nameOf(treePath))
    })
    refuseIrregular(stats, () => this.nameOf(treePath))
    return this.#guard(treePath, () => readFile(file))
  }

  #absolute(treePath: string): string {
    return treePath === '.' ? this.#root : `${this.#root}/${treePath}`
  }

  #reachTargets(treePath: string): void {
    for (const target of linkTargets(this.#root, treePath)) this.reach.addFile(target)
  }

  #refuseLinkedFolder(folder: string): void {
    if (this.#plainFolders.has(folder)) return
    const absolute = this.#absolute(folder)
    const real = this.#guard(folder, () => realpathSync(absolute))
    if (real === absolute) {
      this.#plainFolders.add(folder)
      return
    }
    throw new Fault('PATH_LINKED_FOLDER', 'the folder is a link or is below a link', {
      where: this.nameOf(folder),
      remedy: 'Use the path of the folder itself: links to folders are not followed.'
    })
  }

  #guard<Result>(treePath: string, action: () => Result): Result {
    try {
      return action()
    } catch (error) {
      const what = treePath.includes('\uFFFD')
        ? 'cannot be read: the name is not UTF-8'
        : 'cannot be read'
      throw systemFault(error, this.nameOf(treePath), what)
    }
  }
}
