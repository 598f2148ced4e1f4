import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { TlsPair } from '../http/tls.ts'
import { errorFields } from '../log.ts'
import type { LogFields, Logger } from '../log.ts'
import { readPair } from './read-pair.ts'
import type { ReadPair } from './read-pair.ts'
import { refusedNow } from './served-certificates.ts'
import type { ServedCertificates } from './served-certificates.ts'

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
export interface PairFiles extends ServedCertificates {
  /** The pair at start; undefined where a file was missing, and it is waited for. */
  readonly pair: TlsPair | undefined
  /** Looks at the files now; resolves when a change, if any, was taken or refused. */
  check(): Promise<void>
  stop(): void
}

/**
 * Reads a pair and follows it. A pair that cannot be used is logged, and the last good one stays. Both
 * files of a mounted Secret change by one swap of a link in their folder, so folders are watched and
 * contents compared; a watch alone can miss a change, hence the poll.
 *
 * @throws {Fault} `TLS_FILES_INVALID` when the first pair is there and cannot be used
 */
export async function followPairFiles(options: PairFilesOptions): Promise<PairFiles> {
  const { logger, onPair, now } = options
  const read = () => readPair(options.certificatePath, options.keyPath)
  let served: ReadPair | undefined
  let refused: LogFields | undefined
  const refuse = (error: unknown) => {
    const fields = faultFields(error)
    // Said once, not at every look.
    if (fields.where !== refused?.where || fields.found !== refused?.found) {
      const stays = served === undefined ? 'none is served' : 'the last good one stays'
      logger.error(`the certificate is not usable; ${stays}`, fields)
    }
    refused = fields
  }
  const take = async () => {
    const found = await read()
    if (found.hash !== served?.hash) {
      refuseEnded(found, served, now())
      onPair(found.pair)
      served = found
      const notAfter = new Date(found.notAfterMs).toISOString()
      logger.info('a new certificate is served', { notAfter })
    }
    refused = undefined
  }
  try {
    served = await read()
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'TLS_FILES_MISSING') throw error
    refuse(error)
  }
  const check = coalesced(() => take().catch(refuse))
  const stop = followFolders(options, () => void check())
  return {
    pair: served?.pair,
    notReadyReason: () => {
      if (served !== undefined) return refusedNow(served, now())
      return [refused?.where, refused?.reason, refused?.found].join(': ')
    },
    ends: () => (served ? [{ kind: 'leaf', notAfterMs: served.notAfterMs }] : []),
    isCurrent: () => refused === undefined,
    check,
    stop
  }
}

/** A certificate that has ended takes no other's place: clients would refuse it. */
function refuseEnded(found: ReadPair, served: ReadPair | undefined, nowMs: number): void {
  if (nowMs < found.notAfterMs || served === undefined || nowMs >= served.notAfterMs) return
  throw new Fault('TLS_FILES_INVALID', 'the certificate files cannot be used', {
    where: '--tls-cert',
    found: `a certificate that ended at ${new Date(found.notAfterMs).toISOString()}`
  })
}

function faultFields(error: unknown): LogFields {
  const fields = errorFields(error)
  if (!(error instanceof Fault)) return { ...fields, found: 'what TLS refuses' }
  const { where, found }: Fault['details'] = error.details
  return { ...fields, where, found }
}

/** Runs `action` one at a time; all calls during a run share the one that follows it. */
function coalesced(action: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  let following: Promise<void> | undefined
  const start = () => {
    following = undefined
    running = action().finally(() => {
      running = undefined
    })
    return running
  }
  return () => {
    if (running === undefined) return start()
    following ??= running.then(start)
    return following
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
