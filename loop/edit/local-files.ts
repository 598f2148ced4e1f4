import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { FileChange } from '../git/make-commit.ts'

/** Reads a file of the caller; undefined if there is none. @throws {Fault} `FILE_UNREADABLE`, `PATH_NOT_FILE` */
export function readLocal(folder: string, file: string): Buffer | undefined {
  const full = path.resolve(folder, file)
  try {
    if (!lstatSync(full).isFile()) {
      throw new Fault('PATH_NOT_FILE', 'not a regular file', {
        where: file,
        remedy: 'Name the file itself, not a link to it.'
      })
    }
    return readFileSync(full)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error instanceof Fault ? error : unreadable(error, file)
  }
}

/**
 * Writes files whole: each is written beside its place and renamed, so that a reader sees the old or the new one.
 * Modes stay.
 *
 * @throws {Fault} `FILE_UNWRITABLE`
 */
export function writeLocal(folder: string, changes: readonly FileChange[]): void {
  const written: { readonly part: string; readonly full: string }[] = []
  try {
    for (const { path: file, content } of changes) {
      const full = path.resolve(folder, file)
      const part = path.join(path.dirname(full), `.${path.basename(full)}.${process.pid}.mlgitops`)
      written.push({ part, full })
      writeFileSync(part, content, { flag: 'wx', mode: lstatSync(full).mode })
    }
    for (const { part, full } of written) renameSync(part, full)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNWRITABLE', `the files cannot be written (${code})`)
  } finally {
    for (const { part } of written) rmSync(part, { force: true })
  }
}

function unreadable(error: unknown, where: string): Fault {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  return new Fault('FILE_UNREADABLE', `cannot be read (${code})`, { where })
}
