import path from 'node:path'

/** What of a repository a render has looked at, by tree path. */
export class Reach {
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()
  readonly #deepFolders = new Set<string>()

  /** A file that was read, or looked for. */
  addFile(file: string): void {
    this.#files.add(file)
  }

  /** A folder whose entries were looked at; `isDeep` with everything below. */
  addFolder(folder: string, isDeep: boolean): void {
    const folders = isDeep ? this.#deepFolders : this.#folders
    folders.add(folder)
  }

  /** Whether the file was read or looked for. */
  hasFile(file: string): boolean {
    return this.#files.has(file)
  }

  /** Whether a file that is not there could have had a part in the render. */
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
