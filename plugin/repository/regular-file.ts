import type { Stats } from 'node:fs'
import { Fault } from '../../common/fault.ts'

const maxFileBytes = 8 * 1024 * 1024

/**
 * Refuses anything but a regular file of at most 8 MiB.
 *
 * @param nameOf returns the file's name in messages
 * @throws {Fault} `FILE_UNREADABLE`, `FILE_TOO_LARGE`
 */
export function refuseIrregular(stats: Stats, nameOf: () => string): void {
  if (!stats.isFile()) {
    throw new Fault('FILE_UNREADABLE', 'not a regular file', { where: nameOf() })
  }
  if (stats.size <= maxFileBytes) return
  throw new Fault('FILE_TOO_LARGE', 'the file is too large', {
    where: nameOf(),
    found: `${stats.size} bytes`,
    expected: `at most ${maxFileBytes} bytes`
  })
}
