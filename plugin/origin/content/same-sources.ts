import { absent } from './commit-log.ts'
import type { CommitLog } from './commit-log.ts'
import type { FileRoles } from './file-roles.ts'
import { headContents, walkContents } from './first-parents.ts'
import type { FileVersion, SourceFacts } from './source-facts.ts'

/** Whether a commit has the content of the first commit of its history. */
export const sameness = { other: 0, same: 1, undecided: 2 } as const

/**
 * Compares the sources of all commits of a history with those of its first commit.
 *
 * @returns for each commit, `undecided` only where the repository lacks a content
 * @throws {Fault} `GIT_*`
 */
export async function compareSources(
  log: CommitLog,
  roles: FileRoles,
  facts: SourceFacts
): Promise<Uint8Array> {
  const decisions = log.paths.texts.map((path, number) =>
    log.submodules.has(number) && roles.reaches(path) ? 'source' : roles.of(path).decision
  )
  const head = headContents(log)
  for (;;) {
    const comparison = new Comparison(log, { decisions, head, facts })
    walkContents(log, comparison)
    if (comparison.unread.size === 0) return comparison.states
    await facts.read([...comparison.unread.values()])
  }
}

interface Known {
  readonly decisions: readonly ('source' | 'other' | 'by-content')[]
  readonly head: Int32Array
  readonly facts: SourceFacts
}

class Comparison {
  readonly states: Uint8Array
  /** What must be read to decide commits that differ in nothing else. */
  readonly unread = new Map<string, FileVersion>()
  readonly #known: Known
  /** How many files make the current commit another one. */
  #others = 0
  /** How many files may do so. */
  #undecided = 0
  readonly #toRead = new Map<number, FileVersion>()

  constructor(log: CommitLog, known: Known) {
    this.#known = known
    this.states = new Uint8Array(log.size)
    for (let path = 0; path < known.head.length; path++) this.#count({ path, content: absent }, 1)
  }

  change(path: number, before: number, after: number): void {
    this.#count({ path, content: before }, -1)
    this.#count({ path, content: after }, 1)
  }

  visit(commit: number): void {
    if (this.#others > 0) return
    this.states[commit] = this.#undecided === 0 ? sameness.same : sameness.undecided
    for (const version of this.#toRead.values()) {
      this.unread.set(`${version.path} ${version.content}`, version)
    }
    this.#toRead.clear()
  }

  #count(version: FileVersion, by: 1 | -1): void {
    const compared = this.#compare(version)
    if (compared === 'same') return
    if (compared === 'other') this.#others += by
    else {
      this.#undecided += by
      if (by === -1) this.#toRead.delete(version.path)
      else if (compared !== 'missing') this.#toRead.set(version.path, compared)
    }
  }

  /**
   * Compares a file's content with that of the first commit; a version that must be read first is
   * returned. Files that are no sources at either commit are the same.
   */
  #compare({ path, content }: FileVersion): 'same' | 'other' | 'missing' | FileVersion {
    const { decisions, head, facts } = this.#known
    const ofHead = { path, content: head[path] ?? absent }
    if (content === ofHead.content || decisions[path] === 'other') return 'same'
    if (decisions[path] === 'source') return 'other'
    for (const version of [ofHead, { path, content }]) {
      const isSource = facts.isSource(version)
      if (isSource === true) return 'other'
      if (isSource === undefined) return version
      if (isSource === 'missing') return 'missing'
    }
    return 'same'
  }
}
