import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { TlsPair } from '../http/tls.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { readPair } from './read-pair.ts'
import type { ReadPair } from './read-pair.ts'
import { refusedNow } from './served-certificates.ts'
import type { ServedCertificates } from './served-certificates.ts'

/** A certificate and a key in files that somebody else renews: cert-manager, a mounted Secret. */
export interface PairFilesOptions {
  readonly certificatePath: string
  readonly keyPath: string
  /** Takes the first and each further pair: the server's `setSecureContext`. */
  readonly onPair: (pair: TlsPair) => void
  /** How often the files are looked at, in milliseconds, beside the watch on their folders. */
  readonly pollMs: number
  readonly logger: Logger
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Files that are being followed. */
export interface PairFiles extends ServedCertificates {
  /** Looks at the files now; resolves when a change, if any, was taken or refused. */
  check(): Promise<void>
  stop(): void
}

/**
 * Serves a pair and follows it. A pair that cannot be used is logged, and the last good one stays;
 * missing files are waited for. Both files of a mounted Secret change by one swap of a link in their
 * folder, so folders are watched and contents compared; a watch alone can miss a change, hence the poll.
 *
 * @throws {Fault} `TLS_FILES_INVALID` when the first pair is there and cannot be used
 */
export async function followPairFiles(options: PairFilesOptions): Promise<PairFiles> {
  const { logger, onPair, now } = options
  let served: ReadPair | undefined
  let refused: Fault | undefined
  let isStopped = false
  const take = async () => {
    const found = await readPair(options.certificatePath, options.keyPath)
    // A look that was at work when it was stopped hands nothing on.
    if (isStopped) return
    if (found.hash !== served?.hash) {
      refuseEnded(found, served, now())
      hand(found.pair, onPair)
      served = found
      const notAfter = new Date(found.notAfterMs).toISOString()
      logger.info('a new certificate is served', { notAfter })
    }
    refused = undefined
  }
  const refuse = (fault: Fault) => {
    const { where, found } = fault.details
    // Said once, not at every look.
    if (where !== refused?.details.where || found !== refused?.details.found) {
      const stays = served === undefined ? 'none is served' : 'the last good one stays'
      logger.error(`the certificate is not usable; ${stays}`, {
        ...errorFields(fault),
        where,
        found
      })
    }
    refused = fault
  }
  try {
    await take()
  } catch (error) {
    const fault = faultOf(error)
    if (fault.code !== 'TLS_FILES_MISSING') throw fault
    refuse(fault)
  }
  const check = coalesced(async () => {
    try {
      await take()
    } catch (error) {
      refuse(faultOf(error))
    }
  })
  const unfollow = followFolders(options, () => void check())
  return {
    notReadyReason: () => {
      if (served !== undefined) return refusedNow(served, now())
      return [refused?.details.where, refused?.message, refused?.details.found].join(': ')
    },
    ends: () => (served ? [{ kind: 'leaf', notAfterMs: served.notAfterMs }] : []),
    isCurrent: () => refused === undefined,
    check,
    stop: () => {
      isStopped = true
      unfollow()
    }
  }
}

/** Hands a pair on; what takes it throws where OpenSSL's security level refuses it. */
function hand(pair: TlsPair, onPair: PairFilesOptions['onPair']): void {
  try {
    onPair(pair)
  } catch (cause) {
    const { code } = errorFields(cause)
    const found = `a pair that TLS refuses (${code ?? 'unknown'})`
    throw invalid('--tls-cert, --tls-key', found, cause)
  }
}

/** A certificate that has ended takes no other's place: clients would refuse it. */
function refuseEnded(found: ReadPair, served: ReadPair | undefined, nowMs: number): void {
  if (nowMs < found.notAfterMs || served === undefined || nowMs >= served.notAfterMs) return
  throw invalid(
    '--tls-cert',
    `a certificate that ended at ${new Date(found.notAfterMs).toISOString()}`
  )
}

function invalid(where: string, found: string, cause?: unknown): Fault {
  return new Fault('TLS_FILES_INVALID', 'the certificate files cannot be used', {
    where,
    found,
    cause
  })
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error as Fault
  return invalid('--tls-cert, --tls-key', 'what cannot be read', error)
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
