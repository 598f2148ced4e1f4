import { isUtf8 } from 'node:buffer'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../common/fault.ts'
import { readSigningKey } from '../evidence/attestation/key.ts'
import type { Key } from '../evidence/attestation/key.ts'
import { refusePointer } from './repository/lfs-pointer.ts'
import { guarded } from './system-fault.ts'

/**
 * Reads the signing key from a file that the caller names; undefined without a name.
 *
 * @param where the option or variable with the name, for messages
 * @throws {Fault} `FILE_UNREADABLE`, `KEY_*`
 */
export function readKeyFile(
  file: string | undefined,
  where: string,
  folder: string
): Key | undefined {
  if (file === undefined || file === '') return undefined
  return readSigningKey(readCallerText(path.resolve(folder, file), where), where)
}

/**
 * Reads a text file that the caller names, without a byte order mark.
 *
 * @throws {Fault} `FILE_UNREADABLE`, without its path; `FILE_NOT_CHECKED_OUT`
 */
export function readCallerText(absolute: string, where: string): string {
  const bytes = guarded(where, () => readFileSync(absolute), 'cannot read the file')
  if (!isUtf8(bytes)) throw new Fault('FILE_UNREADABLE', 'the file is not UTF-8 text', { where })
  refusePointer(bytes, () => where)
  return bytes.toString('utf8').replace(/^\uFEFF/, '')
}
