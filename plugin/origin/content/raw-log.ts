import { Fault } from '../../../common/fault.ts'
import type { CommitLog } from './commit-log.ts'
import { addFileChange } from './file-change.ts'
import type { FileState, IsWanted } from './file-change.ts'

/** What {@link RawLogReader} learns of the first commit, beside what it learns of all. */
export interface FirstCommit {
  /** The committer date in seconds since 1970. */
  readonly isDated: boolean
  /** The object ID of its tree. */
  readonly hasTree: boolean
}

/** The format of `git log --raw -z` that {@link RawLogReader} reads. */
export function rawLogFormat({ isDated, hasTree }: FirstCommit): string {
  return `%H %P@${isDated ? '%ct' : ''}@${hasTree ? '%T' : ''}`
}

/**
 * Reads the output of `git log --raw -z --no-abbrev` with {@link rawLogFormat} as it arrives:
 * `<commit> <parents>@<seconds>@<tree>`; for each change
 * `:<mode> <mode> <object> <object> <status>` and its path, all ended by NUL. Source: git-log, section
 * Raw output format.
 */
export class RawLogReader {
  readonly #log: CommitLog
  readonly #isWanted: IsWanted
  #rest = ''
  #commit = 0
  #change: string | undefined
  #date = ''
  #tree = ''

  constructor(log: CommitLog, isWanted: IsWanted) {
    this.#log = log
    this.#isWanted = isWanted
  }

  /** The committer date of the first commit, in seconds since 1970; empty if it was not asked for. */
  get date(): string {
    return this.#date
  }

  /** The object ID of the first commit's tree; empty if it was not asked for. */
  get tree(): string {
    return this.#tree
  }

  /** @throws {Fault} `HISTORY_LIMIT` */
  take(part: Buffer): void {
    const text = this.#rest + part.toString('latin1')
    let at = 0
    for (let end = text.indexOf('\0'); end !== -1; end = text.indexOf('\0', at)) {
      this.#takeField(text.slice(at, end))
      at = end + 1
    }
    this.#rest = text.slice(at)
  }

  #takeField(field: string): void {
    if (this.#change !== undefined) {
      this.#takeChange(this.#change, field)
      this.#change = undefined
    } else if (field.startsWith(':')) this.#change = field
    // A line feed separates a commit from its changes.
    else if (field.startsWith('\n:')) this.#change = field.slice(1)
    else this.#takeCommit(field)
  }

  #takeCommit(field: string): void {
    const idLength = field.indexOf(' ')
    const end = field.indexOf('@', idLength)
    if (idLength === -1 || end === -1) {
      throw new Fault('GIT_FAILED', 'git log printed an unknown line')
    }
    if (this.#log.size === 0) [, this.#date = '', this.#tree = ''] = field.split('@')
    const parents: string[] = []
    for (let at = idLength + 1; at < end; at += idLength + 1) {
      parents.push(field.slice(at, at + idLength))
    }
    this.#commit = this.#log.addCommit(field.slice(0, idLength), parents)
  }

  #takeChange(change: string, path: string): void {
    const [modeBefore = '', mode = '', before = '', after = ''] = change.slice(1).split(' ')
    const sides = { before: stateOf(modeBefore, before), after: stateOf(mode, after) }
    addFileChange(this.#log, this.#commit, { path, ...sides }, this.#isWanted)
  }
}

function stateOf(mode: string, id: string): FileState | undefined {
  return mode === '000000' ? undefined : { kind: kindOf(mode), id }
}

function kindOf(mode: string): FileState['kind'] {
  if (mode === '160000') return 'commit'
  return mode === '120000' ? 'link' : 'blob'
}
