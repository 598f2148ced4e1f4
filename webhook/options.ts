import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../common/fault.ts'
import { readTrustedKey } from '../evidence/attestation/key.ts'
import type { Key } from '../evidence/attestation/key.ts'

/**
 * The public keys that are trusted.
 *
 * @throws {Fault} `FILE_UNREADABLE`, `KEY_INVALID`, `KEY_UNSUPPORTED`
 */
export function readTrustedKeys(files: readonly string[], folder: string): readonly Key[] {
  return files.map(file => {
    const where = `--keys ${path.basename(file)}`
    let text: string
    try {
      text = readFileSync(path.resolve(folder, file), 'utf8')
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
      throw new Fault('FILE_UNREADABLE', `the file cannot be read (${code})`, { where })
    }
    return readTrustedKey(text, where)
  })
}
