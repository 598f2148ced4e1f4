import { isDeepStrictEqual } from 'node:util'
import { Fault } from '../../common/fault.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { errorFields } from '../../service/log.ts'
import type { LogFields, Logger } from '../../service/log.ts'
import { keysOf, readKeyTexts } from './read-trusted-keys.ts'

/** The keys that are trusted, kept up until `stop`. */
export interface TrustedKeys {
  keys(): readonly Key[]
  /** False while a change cannot be used, and the last good keys stay. */
  isCurrent(): boolean
  /** Looks at the files now. */
  look(): void
  stop(): void
}

/** Which keys are followed, and how. */
export interface LiveKeysOptions {
  /** As `--keys` names them. */
  readonly files: readonly string[]
  /** That they are named from. */
  readonly folder: string
  /** How often they are looked at, in milliseconds. */
  readonly pollMs: number
  readonly logger: Logger
}

/**
 * Reads the keys and looks at them again and again, as a mounted ConfigMap changes in place. Where one of
 * them cannot be used, all of the last good ones stay: a key that was taken away meanwhile as well, and
 * one that was added is not trusted.
 *
 * @throws {Fault} as `readTrustedKeys`, for what is there at the start
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
        logger.info('the trusted keys have changed', { keys: keys.map(({ id }) => id).join(' ') })
      }
      refused = undefined
    } catch (error) {
      const fields = fieldsOf(error)
      const said = JSON.stringify(fields)
      // Once, not at every look.
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

const consequence = 'the changed trusted keys are refused; the last good ones stay'

function fieldsOf(error: unknown): LogFields {
  if (!(error instanceof Fault)) return errorFields(error)
  const { where, found } = error.details
  return { ...errorFields(error), where, found }
}
