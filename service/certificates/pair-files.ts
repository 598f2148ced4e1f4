import { watch } from 'node:fs'
import type { FSWatcher } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import type { TlsPair } from '../http/tls.ts'
import { FailureLog } from '../failure-log.ts'
import { errorFields } from '../log.ts'
import type { Logger } from '../log.ts'
import { readPair } from './read-pair.ts'
import type { ReadPair } from './read-pair.ts'
import { refusedNow } from './served-certificates.ts'
import type { ServedCertificates } from './served-certificates.ts'

/** Files with a certificate and its key that cert-manager or a mounted Secret renews. */
export interface PairFilesOptions {
  readonly certificatePath: string
  readonly keyPath: string
  /** Called with each pair: the server's `setSecureContext`. */
  readonly onPair: (pair: TlsPair) => void
  /** How often the files are read, in milliseconds, in addition to the watch on their folders. */
  readonly pollMs: number
  readonly logger: Logger
  /** Waits before files that do not match are read again; 50 ms by default. */
  readonly settle?: () => Promise<void>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Files that are watched. */
export interface PairFiles extends ServedCertificates {
  /** Reads the files now; resolves when a change, if any, was applied or refused. */
  check(): Promise<void>
  stop(): void
}

/**
 * Serves a pair and every change of it. An unusable pair is logged, and the last good one stays; missing
 * files are waited for. A mounted Secret replaces both files by one swap of a link in their folder, so the
 * folders are watched and contents compared. The files are also polled, since a watch can miss a change.
 *
 * @throws {Fault} `TLS_FILES_INVALID` if the first pair exists and is unusable
 */
export async function followPairFiles(options: PairFilesOptions): Promise<PairFiles> {
  const { logger, onPair, now } = options
  let served: ReadPair | undefined
  let refused: Fault | undefined
  let isStopped = false
  const take = async () => {
    const found = await readPair(options.certificatePath, options.keyPath, options.settle)
    // A check that was running when it was stopped must not change the certificate.
    if (isStopped) return
    if (found.hash !== served?.hash) {
      refuseExpired(found, served, now())
      apply(found.pair, onPair)
      served = found
      const notAfter = new Date(found.notAfterMs).toISOString()
      logger.info('serving a new certificate', { notAfter })
    }
    refused = undefined
    failures.succeeded()
  }
  const failures = new FailureLog()
  const refuse = (fault: Fault) => {
    const { where, found } = fault.details
    failures.failed({ ...errorFields(fault), where, found }, fields => {
      const stays = served === undefined ? 'serving none' : 'keeping the last good one'
      logger.error(`cannot use the certificate; ${stays}`, fields)
    })
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
  const unwatch = watchFolders(options, () => void check())
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
      unwatch()
    }
  }
}

/** Calls `onPair`, which throws if OpenSSL's security level rejects the pair. */
function apply(pair: TlsPair, onPair: PairFilesOptions['onPair']): void {
  try {
    onPair(pair)
  } catch (cause) {
    const { code } = errorFields(cause)
    const found = `a pair that OpenSSL rejects (${code ?? 'unknown'})`
    throw invalid('--tls-cert, --tls-key', found, cause)
  }
}

/** An expired certificate does not replace a valid one: clients would refuse it. */
function refuseExpired(found: ReadPair, served: ReadPair | undefined, nowMs: number): void {
  if (nowMs < found.notAfterMs || served === undefined || nowMs >= served.notAfterMs) return
  throw invalid(
    '--tls-cert',
    `a certificate that expired at ${new Date(found.notAfterMs).toISOString()}`
  )
}

function invalid(where: string, found: string, cause?: unknown): Fault {
  return new Fault('TLS_FILES_INVALID', 'cannot use the certificate files', {
    where,
    found,
    cause
  })
}

function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error as Fault
  return invalid('--tls-cert, --tls-key', 'unreadable files', error)
}

/** Runs `action` one at a time; all calls during a run share the next run. */
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

function watchFolders(options: PairFilesOptions, check: () => void): () => void {
  const folders = new Set(
    [options.certificatePath, options.keyPath].map(file => path.dirname(file))
  )
  const watchers = [...folders].flatMap(folder => {
    try {
      const watcher = watch(folder, { persistent: false }, check)
      // The watch of a deleted folder ends; polling continues.
      watcher.on('error', () => {
        watcher.close()
      })
      return [watcher]
    } catch {
      return [] as FSWatcher[]
    }
  })
  const timer = setInterval(check, options.pollMs)
  timer.unref()
  return () => {
    clearInterval(timer)
    for (const watcher of watchers) watcher.close()
  }
}
