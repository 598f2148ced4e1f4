import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { TlsPair } from '../http/tls.ts'
import { errorFields } from '../log.ts'
import type { LogFields, Logger } from '../log.ts'
import type { CertificateEnd } from './certificate-manager.ts'

/** A certificate and a key in files that somebody else renews: cert-manager, a mounted Secret. */
export interface PairFilesOptions {
  readonly certificatePath: string
  readonly keyPath: string
  /** Takes each further pair: the server's `setSecureContext`. */
  readonly onPair: (pair: TlsPair) => void
  /** How often the files are looked at, in milliseconds, beside the watch on their folders. */
  readonly pollMs: number
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Files that are being followed. */
export interface PairFiles {
  /** The pair at start. */
  readonly pair: TlsPair
  /** Why TLS does not work now, or undefined: a readiness check. */
  notReadyReason(): string | undefined
  ends(): readonly CertificateEnd[]
  /** Looks at the files now; resolves when a change, if any, was taken or refused. */
  check(): Promise<void>
  stop(): void
}

interface ReadPair {
  readonly pair: TlsPair
  readonly hash: string
  readonly notAfterMs: number
}

/**
 * Reads a pair and follows it. A pair that cannot be used is logged, and the last good one stays. Both
 * files of a mounted Secret change by one swap of a link in their folder, so folders are watched and
 * contents compared; a watch alone can miss a change, hence the poll.
 *
 * @throws {Fault} `TLS_FILES_INVALID` when the first pair cannot be used
 */
export async function followPairFiles(options: PairFilesOptions): Promise<PairFiles> {
  const { logger, onPair, now } = options
  let served = await readPair(options)
  let refused: string | undefined
  const check = async () => {
    try {
      const found = await readPair(options)
      refused = undefined
      if (found.hash === served.hash) return
      onPair(found.pair)
      served = found
    } catch (error) {
      const fields = pairErrorFields(error)
      // Said once, not at every look.
      if (fields.found !== refused) {
        logger.error('the new certificate is not usable; the last good one stays', fields)
      }
      refused = fields.found
      return
    }
    const notAfter = new Date(served.notAfterMs).toISOString()
    logger.info('a new certificate is served', { notAfter })
  }
  const stop = followFolders(options, once(check))
  return {
    pair: served.pair,
    notReadyReason: () => (now() >= served.notAfterMs ? 'the certificate has ended' : undefined),
    ends: () => [{ kind: 'leaf', notAfterMs: served.notAfterMs }],
    check,
    stop
  }
}

function pairErrorFields(error: unknown): LogFields & { readonly found: string } {
  const found = isFault(error) ? error.details.found : undefined
  return { found: found ?? 'what TLS refuses', ...errorFields(error) }
}

function isFault(error: unknown): error is Fault {
  return error instanceof Fault
}

/** Runs `action` one at a time; calls in between lead to one more run. */
function once(action: () => Promise<void>): () => void {
  let isRunning = false
  let isWanted = false
  const run = async () => {
    isRunning = true
    while (isWanted) {
      isWanted = false
      await action()
    }
    isRunning = false
  }
  return () => {
    isWanted = true
    if (!isRunning) void run()
  }
}

function followFolders(options: PairFilesOptions, look: () => void): () => void {
  const folders = new Set(
    [options.certificatePath, options.keyPath].map(file => path.dirname(file))
  )
  const watchers = [...folders].flatMap(folder => {
    try {
      const watcher = watch(folder, { persistent: false }, look)
      // A folder that goes away ends its watch; the poll goes on.
      watcher.on('error', () => {
        watcher.close()
      })
      return [watcher]
    } catch {
      return [] as FSWatcher[]
    }
  })
  const timer = setInterval(look, options.pollMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    for (const watcher of watchers) watcher.close()
  }
}

async function readPair({ certificatePath, keyPath }: PairFilesOptions): Promise<ReadPair> {
  const [certificatePem, keyPem] = await Promise.all([
    readText(certificatePath, 'the certificate'),
    readText(keyPath, 'the key')
  ])
  const certificate = parse(() => new X509Certificate(certificatePem), 'no PEM certificate')
  const key = parse(() => createPrivateKey(keyPem), 'no PEM private key')
  if (!certificate.checkPrivateKey(key)) throw unusable('a key that belongs to another certificate')
  return {
    pair: { certificatePem, keyPem },
    hash: createHash('sha256').update(certificatePem).update('\0').update(keyPem).digest('hex'),
    notAfterMs: certificate.validToDate.getTime()
  }
}

async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    throw unusable(`${what} is not readable (${code})`)
  }
}

function parse<Value>(read: () => Value, found: string): Value {
  try {
    return read()
  } catch {
    throw unusable(found)
  }
}

function unusable(found: string): Fault<'TLS_FILES_INVALID'> {
  return new Fault('TLS_FILES_INVALID', 'the certificate files cannot be used', {
    where: '--tls-cert, --tls-key',
    found
  })
}
