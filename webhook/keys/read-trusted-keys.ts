import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { readTrustedKey } from '../../evidence/attestation/key.ts'
import type { Key } from '../../evidence/attestation/key.ts'

/** A file of `--keys` with its text. */
export interface KeyText {
  readonly where: string
  readonly pem: string
}

/**
 * Reads the trusted public keys. A folder means its `*.pub` files and can be empty, so that a ConfigMap
 * can be mounted before the first key exists.
 *
 * @throws {Fault} `FILE_UNREADABLE`, `KEY_INVALID`, `KEY_UNSUPPORTED`
 */
export function readTrustedKeys(files: readonly string[], folder: string): readonly Key[] {
  return keysOf(readKeyTexts(files, folder))
}

/** Parses the keys of these files. @throws {Fault} `KEY_INVALID`, `KEY_UNSUPPORTED` */
export function keysOf(texts: readonly KeyText[]): readonly Key[] {
  return texts.map(({ where, pem }) => readTrustedKey(pem, where))
}

/** Reads the files of `--keys` without parsing them. @throws {Fault} `FILE_UNREADABLE` */
export function readKeyTexts(files: readonly string[], folder: string): readonly KeyText[] {
  return files.flatMap(name => {
    const file = path.resolve(folder, name)
    const where = `--keys ${path.basename(name)}`
    return orUnreadable(where, () => keyFiles(file)).map(each => {
      const place = each === file ? where : `${where}/${path.basename(each)}`
      return { where: place, pem: orUnreadable(place, () => readFileSync(each, 'utf8')) }
    })
  })
}

function keyFiles(file: string): readonly string[] {
  if (!statSync(file).isDirectory()) return [file]
  const names = readdirSync(file).filter(name => name.endsWith('.pub'))
  return names.sort().map(name => path.join(file, name))
}

function orUnreadable<T>(where: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `the file cannot be read (${code})`, { where })
  }
}
