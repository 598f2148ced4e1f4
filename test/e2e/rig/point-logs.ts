import { closeSync, existsSync, globSync, openSync, readSync, statSync } from 'node:fs'
import path from 'node:path'

const maxLines = 12
const maxBytes = 64 * 1_024
const maxLineLength = 300

/** The size of each log at some moment, by its path. */
export type LogMark = ReadonlyMap<string, number>

/** What programs log while a point runs, for readers who have only the run's output. */
export class PointLogs {
  readonly #folders: readonly string[]

  /** @param folders the folders whose `*.log` files are read, except for the audit log */
  constructor(folders: readonly string[]) {
    this.#folders = folders
  }

  mark(): LogMark {
    return new Map(this.#files().map(file => [file, statSync(file).size]))
  }

  /** The last lines that each program has written since the mark. */
  since(mark: LogMark): readonly string[] {
    return this.#files().flatMap(file => {
      const lines = linesFrom(file, mark.get(file) ?? 0)
      return lines.length === 0 ? [] : [`--- ${path.basename(file)}`, ...lines]
    })
  }

  #files(): readonly string[] {
    return this.#folders
      .filter(folder => existsSync(folder))
      .flatMap(folder => globSync('*.log', { cwd: folder }).map(name => path.join(folder, name)))
      .filter(file => path.basename(file) !== 'audit.log')
      .sort()
  }
}

function linesFrom(file: string, start: number): readonly string[] {
  const size = statSync(file).size
  const from = Math.max(start, size - maxBytes)
  const buffer = Buffer.alloc(Math.max(0, size - from))
  const handle = openSync(file, 'r')
  try {
    readSync(handle, buffer, 0, buffer.length, from)
  } finally {
    closeSync(handle)
  }
  const lines = buffer.toString().split('\n').filter(Boolean)
  return lines.slice(-maxLines).map(line => line.slice(0, maxLineLength))
}
