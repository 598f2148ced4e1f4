import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../common/fault.ts'
import { readSigningKey } from '../evidence/attestation/key.ts'
import type { Key } from '../evidence/attestation/key.ts'

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

/** Reads a file that the caller names. @throws {Fault} `FILE_UNREADABLE`, without its path */
export function readCallerText(absolute: string, where: string): string {
  try {
    return readFileSync(absolute, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `cannot read the file (${code})`, { where })
  }
}
