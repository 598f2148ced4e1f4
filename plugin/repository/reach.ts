import path from 'node:path'

/** The files that a render takes from a folder and the folders below, by path relative to the folder. */
export interface Selection {
  readonly has: (file: string) => boolean
  /** Whether files below a folder can be selected. */
  readonly reaches: (folder: string) => boolean
}

/** Every file below a folder. */
export const everyFile: Selection = { has: () => true, reaches: () => true }

/** A selection of files and the tree path of the folder that it is relative to. */
export interface Selected {
  readonly folder: string
  readonly selection: Selection
}

/** The tree paths that a render has read, listed or looked for. */
export class Reach {
  readonly #files = new Set<string>()
  readonly #folders = new Set<string>()
  readonly #deepFolders = new Set<string>()
  readonly #selections: Selected[] = []

  /** The files that were read, or looked for; folders too. */
  get files(): ReadonlySet<string> {
    return this.#files
  }

  get selections(): readonly Selected[] {
    return this.#selections
  }

  /** A file that was read, or looked for. */
  addFile(file: string): void {
    this.#files.add(file)
  }

  /** A folder that was listed; `isDeep` with all folders below. */
  addFolder(folder: string, isDeep: boolean): void {
    const folders = isDeep ? this.#deepFolders : this.#folders
    folders.add(folder)
  }

  /** Files that were selected by their paths, such as by the include patterns. */
  addSelection(folder: string, selection: Selection): void {
    this.#selections.push({ folder, selection })
  }

  /** Whether the render reads the file, or would read it if it existed. */
  wants(file: string): boolean {
    if (this.#files.has(file)) return true
    return this.#selections.some(({ folder, selection }) => {
      const inside = relativeTo(folder, file)
      return inside !== undefined && selection.has(inside)
    })
  }

  /** Whether the render reads files below this folder, or would read them if they existed. */
  wantsBelow(folder: string): boolean {
    if (this.#files.has(folder) || this.hasFileBelow(folder)) return true
    return this.#selections.some(entry => {
      const inside = relativeTo(entry.folder, folder)
      if (inside !== undefined) return inside === '' || entry.selection.reaches(inside)
      return relativeTo(folder, entry.folder) !== undefined
    })
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

/** A tree path relative to a folder that contains it, or is it. */
function relativeTo(folder: string, file: string): string | undefined {
  if (folder === '.') return file
  if (file === folder) return ''
  return file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : undefined
}
