import path from 'node:path'

/** The tree paths that a render has read, listed or looked for. */
export class Reach {
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()
  readonly #deepFolders = new Set<string>()

  /** A file that was read, or looked for. */
  addFile(file: string): void {
    this.#files.add(file)
  }

  /** A folder that was listed; `isDeep` with all folders below. */
  addFolder(folder: string, isDeep: boolean): void {
    const folders = isDeep ? this.#deepFolders : this.#folders
    folders.add(folder)
  }

  /** Whether the file was read or looked for. */
  hasFile(file: string): boolean {
    return this.#files.has(file)
  }

  /** Whether a file that does not exist would have been part of the render. */
  missed(file: string): boolean {
    if (this.#files.has(file)) return true
    let folder = path.posix.dirname(file)
    if (this.#folders.has(folder)) return true
    for (; folder !== '.'; folder = path.posix.dirname(folder)) {
      if (this.#deepFolders.has(folder)) return true
    }
    return this.#deepFolders.has('.')
  }

  /** Whether a file below this folder was read or looked for. */
  hasFileBelow(folder: string): boolean {
    return [...this.#files].some(file => file.startsWith(`${folder}/`))
  }
}
