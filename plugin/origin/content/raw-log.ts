import type { CommitLog } from './commit-log.ts'

/** The format of `git log --raw -z` that {@link RawLogReader} reads. */
export const rawLogFormat = '%H %P'

/**
 * Reads the output of `git log --raw -z --no-abbrev` with {@link rawLogFormat} as it arrives:
 * `<commit> <parents>`, and for each change `:<mode> <mode> <object> <object> <status>` and its path, all
 * ended by NUL. Source: git-log, section Raw output format.
 */
export class RawLogReader {
  readonly #log: CommitLog
  readonly #isWanted: (path: string) => boolean
  #rest: Buffer = Buffer.alloc(0)
  #commit = 0
  #change: string | undefined

  /** @param isWanted decides by a path, as bytes in latin1, whether its changes count */
  constructor(log: CommitLog, isWanted: (path: string) => boolean) {
    this.#log = log
    this.#isWanted = isWanted
  }

  /** @throws {Fault} `HISTORY_LIMIT` */
  take(part: Buffer): void {
    const bytes = this.#rest.length === 0 ? part : Buffer.concat([this.#rest, part])
    let at = 0
    for (let end = bytes.indexOf(0); end !== -1; end = bytes.indexOf(0, at)) {
      this.#takeField(bytes, at, end)
      at = end + 1
    }
    this.#rest = bytes.subarray(at)
  }

  #takeField(bytes: Buffer, at: number, end: number): void {
    if (this.#change !== undefined) {
      const path = bytes.toString('latin1', at, end)
      if (this.#isWanted(path)) this.#takeChange(this.#change, path)
      this.#change = undefined
      return
    }
    const start = bytes[at] === lineFeed ? at + 1 : at
    const field = bytes.toString('latin1', start, end)
    if (field.startsWith(':')) this.#change = field
    else {
      const [id = '', ...parents] = field.trimEnd().split(' ')
      this.#commit = this.#log.addCommit(id, parents)
    }
  }

  /** A change of the mode of a regular file changes no content. */
  #takeChange(change: string, path: string): void {
    const [modeBefore = '', mode = '', before = '', after = ''] = change.slice(1).split(' ')
    if (before === after && kindOf(modeBefore) === kindOf(mode)) return
    const content = mode === noMode ? undefined : `${kindOf(mode)} ${after}`
    this.#log.addChange(this.#commit, path, content)
  }
}

const lineFeed = 10
const noMode = '000000'

function kindOf(mode: string): string {
  if (mode === '160000') return 'commit'
  return mode === '120000' ? 'link' : 'blob'
}
