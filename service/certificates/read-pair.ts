import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Fault } from '../../common/fault.ts'
import type { TlsPair } from '../http/tls.ts'

/** A certificate and its key from two files. Times in milliseconds since 1970. */
export interface ReadPair {
  readonly pair: TlsPair
  /** Of the text of both files: equal if nothing changed. */
  readonly hash: string
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

/** Longer than it takes to write a file, or to swap a link between the two reads. */
const settleMs = 50

/**
 * Reads a certificate and its key. Files that do not match are read a second time, since they may have been
 * read while they were written.
 *
 * @param settle waits before the second read
 * @throws {Fault} `TLS_FILES_MISSING` if a file does not exist, `TLS_FILES_INVALID` otherwise
 */
export async function readPair(
  certificatePath: string,
  keyPath: string,
  settle: () => Promise<void> = () => pause(settleMs)
): Promise<ReadPair> {
  try {
    return await readPairNow(certificatePath, keyPath)
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TLS_FILES_INVALID') throw error
    await settle()
    return readPairNow(certificatePath, keyPath)
  }
}

async function readPairNow(certificatePath: string, keyPath: string): Promise<ReadPair> {
  const [certificatePem, keyPem] = await Promise.all([
    readText(certificatePath, '--tls-cert'),
    readText(keyPath, '--tls-key')
  ])
  const certificate = parse(
    () => new X509Certificate(certificatePem),
    '--tls-cert',
    'not a PEM certificate'
  )
  const key = parse(() => createPrivateKey(keyPem), '--tls-key', 'not a PEM private key')
  if (!certificate.checkPrivateKey(key)) {
    throw unusable('--tls-key', 'a key that belongs to another certificate')
  }
  return {
    pair: { certificatePem, keyPem },
    hash: createHash('sha256').update(certificatePem).update('\0').update(keyPem).digest('hex'),
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime()
  }
}

async function readText(file: string, where: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    if (code !== 'ENOENT') throw unusable(where, `unreadable (${code})`)
    throw new Fault('TLS_FILES_MISSING', 'the certificate file is missing', {
      where,
      found: 'no such file',
      remedy: 'the certificate is served when both files exist'
    })
  }
}

function parse<Value>(read: () => Value, where: string, found: string): Value {
  try {
    return read()
  } catch {
    throw unusable(where, found)
  }
}

function unusable(where: string, found: string): Fault<'TLS_FILES_INVALID'> {
  return new Fault('TLS_FILES_INVALID', 'cannot use the certificate files', { where, found })
}
