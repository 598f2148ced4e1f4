import path from 'node:path'
import { UsageError } from '../common/command.ts'
import { Guard } from '../service/auth/guard.ts'
import { durationMs } from './settings/value.ts'
import type { Guards } from './routes.ts'

/** Options that name files of required credentials. */
export interface GuardOptions {
  readonly 'hook-auth'?: string | undefined
  readonly 'event-auth'?: string | undefined
  readonly 'view-auth'?: string | undefined
}

/**
 * Creates the guards that the options name.
 *
 * @throws {Fault} as {@link Guard}
 */
export function readGuards(given: GuardOptions, folder: string): Guards {
  const guard = (name: keyof GuardOptions) => {
    const file = given[name]
    return file === undefined ? undefined : new Guard(path.resolve(folder, file), `--${name}`)
  }
  return { hooks: guard('hook-auth'), events: guard('event-auth'), views: guard('view-auth') }
}

const hourMs = 3_600_000

/** Milliseconds of `--retention`. @throws {UsageError} */
export function readRetention(text: string): number {
  const reading = durationMs(hourMs, 24 * 366 * hourMs)(text)
  if ('value' in reading) return reading.value
  throw new UsageError(`--retention must be ${reading.expected}`)
}
