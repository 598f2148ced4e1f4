import type { SourceSelection } from '../source-selection.ts'

/** Why the changes of a file count: it is a source, its content decides that, or values come from it. */
export interface FileRole {
  readonly decision: 'source' | 'other' | 'by-content'
  readonly givesValues: boolean
}

/** The roles of files by path, as bytes in latin1. */
export class FileRoles {
  readonly #selection: SourceSelection
  readonly #roots: readonly string[]
  readonly #valueFiles: ReadonlySet<string>
  readonly #roles = new Map<string, FileRole>()

  constructor(selection: SourceSelection) {
    this.#selection = selection
    this.#roots = selection.roots.map(bytesOf)
    this.#valueFiles = new Set(selection.values?.files.map(bytesOf))
  }

  of(path: string): FileRole {
    const known = this.#roles.get(path)
    if (known !== undefined) return known
    const decision = this.#isBelowRoot(path) ? this.#selection.decide(treePathOf(path)) : 'other'
    const role = { decision, givesValues: this.#valueFiles.has(path) }
    if (this.#roles.size < maxRemembered) this.#roles.set(path, role)
    return role
  }

  /** Whether the changes of a file or submodule count. */
  counts(path: string, isSubmodule: boolean): boolean {
    const { decision, givesValues } = this.of(path)
    return decision !== 'other' || givesValues || (isSubmodule && this.reaches(path))
  }

  /** Whether a source can be in a submodule. */
  reaches(path: string): boolean {
    return this.#selection.reaches(treePathOf(path))
  }

  /** Git also prints value files, which need not be below the roots. */
  #isBelowRoot(path: string): boolean {
    return this.#roots.some(root => root === '.' || path === root || path.startsWith(`${root}/`))
  }
}

const maxRemembered = 100_000

/** The tree path of a path as bytes in latin1; bytes that are not UTF-8 become U+FFFD. */
export function treePathOf(path: string): string {
  return Buffer.from(path, 'latin1').toString('utf8')
}

/** A tree path as bytes in latin1. */
export function bytesOf(treePath: string): string {
  return Buffer.from(treePath).toString('latin1')
}
