import type { Checkout } from '../checkout.ts'
import type { SourceSelection } from '../source-selection.ts'
import { absent, idOf, kindOf } from './commit-log.ts'
import type { CommitLog } from './commit-log.ts'
import { treePathOf } from './file-roles.ts'
import { readObjects } from './objects.ts'

/** A file with one of the contents that it has in a history. */
export interface FileVersion {
  readonly path: number
  readonly content: number
}

/** Whether file versions are sources whose content decides that; what was read is remembered. */
export class SourceFacts {
  readonly #checkout: Checkout
  readonly #log: CommitLog
  readonly #selection: SourceSelection
  readonly #facts = new Map<number, boolean | 'missing'>()

  constructor(checkout: Checkout, log: CommitLog, selection: SourceSelection) {
    this.#checkout = checkout
    this.#log = log
    this.#selection = selection
  }

  /** `missing` if the repository does not have the content; undefined until {@link read} has read it. */
  isSource(version: FileVersion): boolean | 'missing' | undefined {
    if (version.content === absent) return false
    return this.#facts.get(this.#keyOf(version))
  }

  /**
   * Reads the contents of file versions with one process of git. Links, submodules and files too large to
   * read are sources.
   *
   * @throws {Fault} `GIT_*`
   */
  async read(versions: readonly FileVersion[]): Promise<void> {
    const byId = new Map<string, FileVersion[]>()
    for (const version of versions) {
      const isFile = kindOf(this.#log, version.content) === 'blob'
      this.#facts.set(this.#keyOf(version), isFile ? 'missing' : true)
      if (!isFile) continue
      const id = idOf(this.#log, version.content)
      byId.set(id, [...(byId.get(id) ?? []), version])
    }
    await readObjects(this.#checkout, [...byId.keys()], (id, bytes) => {
      for (const version of byId.get(id) ?? []) {
        const treePath = treePathOf(this.#log.paths.texts[version.path] ?? '')
        const isSource = bytes === undefined || this.#selection.isSource(treePath, bytes)
        this.#facts.set(this.#keyOf(version), isSource)
      }
    })
  }

  #keyOf({ path, content }: FileVersion): number {
    return path * this.#log.contents.texts.length + content
  }
}
