import { bound, isFault } from '../common/fault.ts'

/** The severity of a line; a logger writes lines of its level and above. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** The fields of a line besides its message: names and numbers, never payloads or secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Writes lines of NDJSON: `time`, `level`, `message`, then the fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds `fields` to every line. */
  with(fields: LogFields): Logger
}

/** The level, the destination and the clock of a logger. */
export interface LoggerOptions {
  readonly level: LogLevel
  /** Writes one line, which ends with a line feed. A service writes to standard error. */
  readonly write: (line: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Every level, the least severe first. */
export const logLevels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']

const maxTextCharacters = 2_000

/** A logger that writes lines of `options.level` and above. */
export function createLogger(options: LoggerOptions, base: LogFields = {}): Logger {
  const lowest = logLevels.indexOf(options.level)
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (logLevels.indexOf(level) < lowest) return
    const time = new Date(options.now()).toISOString()
    const line = { time, level, message: bound(message, maxTextCharacters), ...base, ...fields }
    options.write(`${JSON.stringify(line, boundText)}\n`)
  }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: fields => createLogger(options, { ...base, ...fields })
  }
}

/** A logger that writes nothing. */
export const silentLogger: Logger = createLogger({
  level: 'error',
  write: () => undefined,
  now: () => 0
})

/**
 * The fields that may be logged of something thrown: the code and message of a fault. Of anything else the
 * name, the system code and the place in our sources, because its message may quote untrusted input.
 */
export function errorFields(error: unknown): LogFields {
  if (isFault(error)) return { code: error.code, reason: error.message }
  if (!(error instanceof Error)) return { error: typeof error }
  const { code } = error as NodeJS.ErrnoException
  return { error: error.name, code, at: sourceOf(error.stack) }
}

/** The first place of the stack in our sources, such as `service/http/server.ts:10:2`. */
function sourceOf(stack: string | undefined): string | undefined {
  return /(?:common|evidence|service|plugin|webhook|analysis|bin)\/[\w./-]+:\d+:\d+/.exec(
    stack ?? ''
  )?.[0]
}

function boundText(_key: string, value: string | number | boolean | undefined) {
  return typeof value === 'string' ? bound(value, maxTextCharacters) : value
}
