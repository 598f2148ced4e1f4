import { bound, isFault } from '../common/fault.ts'

/** How much a line matters; a logger writes those of its level and above. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** What a line says beside its message: names and numbers, never payloads or secrets. */
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

/** Where lines go and how they are made. */
export interface LoggerOptions {
  readonly level: LogLevel
  /** Takes one line with its line feed; for a service, standard error. */
  readonly write: (line: string) => void
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** Every level, the least important first. */
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
 * What may be said of something thrown: a fault's code and sentence; of anything else its name, its
 * system code and where in our sources it came from, as its message could quote what was read.
 */
export function errorFields(error: unknown): LogFields {
  if (isFault(error)) return { code: error.code, reason: error.message }
  if (!(error instanceof Error)) return { error: typeof error }
  const { code } = error as NodeJS.ErrnoException
  return { error: error.name, code, at: sourceOf(error.stack) }
}

/** The first place of the stack in a room of ours, such as `service/http/server.ts:10:2`. */
function sourceOf(stack: string | undefined): string | undefined {
  return /(?:common|evidence|service|plugin|webhook|analysis|bin)\/[\w./-]+:\d+:\d+/.exec(
    stack ?? ''
  )?.[0]
}

function boundText(_key: string, value: string | number | boolean | undefined) {
  return typeof value === 'string' ? bound(value, maxTextCharacters) : value
}
