import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../common/fault.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { errorFields } from '../../service/log.ts'
import type { LogFields, Logger } from '../../service/log.ts'
import { keysOf, readKeyTexts } from './read-trusted-keys.ts'

/** The trusted keys, reloaded until `stop`. */
export interface TrustedKeys {
  keys(): readonly Key[]
  /** False while a change is refused and the last good keys stay trusted. */
  isCurrent(): boolean
  /** Reads the files now. */
  look(): void
  stop(): void
}

/** Which keys are loaded, and how. */
export interface LiveKeysOptions {
  /** Files and folders of `--keys`. */
  readonly files: readonly string[]
  /** The folder that relative names start from. */
  readonly folder: string
  /** Polling interval. */
  readonly pollMs: number
  readonly logger: Logger
}

/**
 * Reads the keys and polls their files, because a mounted ConfigMap changes in place. If one of them is
 * invalid, exactly the last good keys stay trusted: a key that was removed at the same time is still
 * trusted, and a key that was added is not.
 *
 * @throws {Fault} as `readTrustedKeys`, for the files at the start
 */
export function followKeys({ files, folder, pollMs, logger }: LiveKeysOptions): TrustedKeys {
  let texts = readKeyTexts(files, folder)
  let keys = keysOf(texts)
  let refused: string | undefined
  const look = () => {
    try {
      const found = readKeyTexts(files, folder)
      if (!isDeepStrictEqual(found, texts)) {
        keys = keysOf(found)
        texts = found
        logger.info('trusted keys changed', { keys: keys.map(({ id }) => id).join(' ') })
      }
      refused = undefined
    } catch (error) {
      const fields = fieldsOf(error)
      const said = JSON.stringify(fields)
      // Log a fault once, not at every poll.
      if (said !== refused) logger.error(consequence, fields)
      refused = said
    }
  }
  const timer = setInterval(look, pollMs)
  timer.unref()
  return {
    keys: () => keys,
    isCurrent: () => refused === undefined,
    look,
    stop: () => {
      clearInterval(timer)
    }
  }
}

const consequence = 'refused changed trusted keys; the last good ones stay trusted'

function fieldsOf(error: unknown): LogFields {
  if (!(error instanceof Fault)) return errorFields(error)
  const { where, found } = error.details
  return { ...errorFields(error), where, found }
}
