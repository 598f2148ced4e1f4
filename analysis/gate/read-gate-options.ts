import { UsageError } from '../../common/command.ts'
import { readOptions } from '../../common/options.ts'
import { gateOptions } from './gate-options.ts'

/** The format of a report. */
export type GateFormat = (typeof gateOptions.output.oneOf)[number]

/** Which columns of a file have what. */
export interface GateColumns {
  readonly label: string | undefined
  readonly prediction: string | undefined
  readonly score: string | undefined
  readonly latency: string | undefined
  readonly cluster: string | undefined
}

/** A valid command line. */
export interface GateOptions {
  readonly predictions: string
  readonly against: string | undefined
  readonly baseline: string | undefined
  readonly columns: GateColumns
  readonly settings: ReadonlyMap<string, string>
  readonly output: GateFormat
}

/**
 * Reads the command line.
 *
 * @throws {UsageError}
 */
export function readGateOptions(args: readonly string[]): GateOptions | 'help' {
  const { given, positionals, isHelp } = readOptions(gateOptions, { args })
  if (isHelp) return 'help'
  const { predictions, label, prediction, score, latency, cluster } = given
  if (positionals.length > 0) {
    throw new UsageError('gate takes no arguments but options: give the file with --predictions')
  }
  if (predictions === undefined) throw new UsageError('gate needs --predictions FILE')
  if (given.objective.length === 0) {
    throw new UsageError('gate needs --objective KEY=VALUE, such as precision.min=0.92')
  }
  return {
    predictions,
    against: given.against,
    baseline: given.baseline,
    columns: { label, prediction, score, latency, cluster },
    settings: settingsOf(given.objective),
    // The option table allows no other values.
    output: given.output as GateFormat
  }
}

function settingsOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--objective takes KEY=VALUE, found ${JSON.stringify(text)}`)
    const key = text.slice(0, at)
    if (settings.has(key)) throw new UsageError(`--objective ${key} is given twice`)
    settings.set(key, text.slice(at + 1))
  }
  return settings
}
