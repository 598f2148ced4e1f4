import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../common/fault.ts'
import { readTrustedKey } from '../evidence/attestation/key.ts'
import type { Key } from '../evidence/attestation/key.ts'

/**
 * The public keys that are trusted. A folder stands for its files `*.pub`, of which there may be none: so
 * a ConfigMap is mounted before anybody has a key.
 *
 * @throws {Fault} `FILE_UNREADABLE`, `KEY_INVALID`, `KEY_UNSUPPORTED`
 */
export function readTrustedKeys(files: readonly string[], folder: string): readonly Key[] {
  return files.flatMap(name => {
    const file = path.resolve(folder, name)
    const where = `--keys ${path.basename(name)}`
    return orUnreadable(where, () => keyFiles(file)).map(each =>
      readKey(each, each === file ? where : `${where}/${path.basename(each)}`)
    )
  })
}

function keyFiles(file: string): readonly string[] {
  if (!statSync(file).isDirectory()) return [file]
  const names = readdirSync(file).filter(name => name.endsWith('.pub'))
  return names.sort().map(name => path.join(file, name))
}

function readKey(file: string, where: string): Key {
  return readTrustedKey(
    orUnreadable(where, () => readFileSync(file, 'utf8')),
    where
  )
}

function orUnreadable<T>(where: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `the file cannot be read (${code})`, { where })
  }
}
