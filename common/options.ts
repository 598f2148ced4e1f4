import { parseArgs } from 'node:util'
import { UsageError } from './command.ts'

/**
 * One option of a command. Parsing, the usage text and docs/configuration.md all come from it, so they
 * cannot differ.
 */
export interface Option {
  /** The placeholder of the value in the usage text, in capitals. A switch has none. */
  readonly argument?: string
  readonly isRepeated?: true
  /** The environment variable that is read when the option is not given. */
  readonly variable?: string
  readonly default?: string
  /** The kind of value: `file`, `seconds`, `commit`. */
  readonly unit: string
  /** The allowed values. */
  readonly oneOf?: readonly string[]
  readonly description: string
}

/** The options of a command by name. Every command also has `--help`. */
export type OptionTable = Readonly<Record<string, Option>>

/** Values by option: a string, a list for a repeated option, true or false for a switch. */
export type Given<Table extends OptionTable> = {
  readonly [Name in keyof Table]: GivenFor<Table[Name]>
}

type GivenFor<One> = One extends { argument: string }
  ? One extends { isRepeated: true }
    ? readonly string[]
    : One extends { default: string }
      ? string
      : string | undefined
  : boolean

/** A parsed command line. */
export interface CommandLine<Table extends OptionTable> {
  readonly given: Given<Table>
  readonly positionals: readonly string[]
  readonly isHelp: boolean
  /** Names of the options that were given on the command line itself. */
  readonly named: ReadonlySet<string>
}

/** A command line, and the environment variables that options fall back to. */
export interface OptionSource {
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Parses a command line by a table. An option takes precedence over its variable, a variable over the
 * default. An empty variable counts as unset.
 *
 * @throws {UsageError} with every problem: unknown options, missing values, values that are not allowed,
 *   options that are given twice
 */
export function readOptions<Table extends OptionTable>(
  table: Table,
  { args, env = {} }: OptionSource
): CommandLine<Table> {
  const { found, positionals, problems } = collect(table, args)
  const isHelp = found.delete('help')
  const given = Object.entries(table).map(([name, option]) => {
    const texts = found.get(name) ?? fallback(option, env)
    problems.push(...texts.flatMap(text => outside(name, option, text)))
    return [name, valueOf(option, texts)]
  })
  if (problems.length > 0 && !isHelp) throw new UsageError(problems.join('; '))
  return {
    given: Object.fromEntries(given) as Given<Table>,
    positionals,
    isHelp,
    named: new Set(found.keys())
  }
}

interface Collected {
  /** Values by option, in their order on the command line. */
  readonly found: Map<string, string[]>
  readonly positionals: string[]
  readonly problems: string[]
}

function collect(table: OptionTable, args: readonly string[]): Collected {
  const { tokens } = parseArgs({
    args: [...args],
    options: parserOptions(table),
    strict: false,
    tokens: true
  })
  const collected: Collected = { found: new Map(), positionals: [], problems: [] }
  for (const token of tokens) {
    if (token.kind === 'positional') collected.positionals.push(token.value)
    if (token.kind === 'option') collectOption(table, token, collected)
  }
  return collected
}

interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function collectOption(table: OptionTable, token: OptionToken, collected: Collected): void {
  const { found, problems } = collected
  const { name, rawName, value = '' } = token
  const problem = problemOf(table, token)
  if (problem !== undefined) problems.push(problem)
  else if (found.has(name) && own(table, name)?.isRepeated !== true)
    problems.push(`${rawName} is given twice`)
  else found.set(name, [...(found.get(name) ?? []), value])
}

function parserOptions(table: OptionTable): Record<string, { type: 'string' | 'boolean' }> {
  const types = Object.entries(table).map(
    ([name, { argument }]) =>
      [name, { type: argument === undefined ? 'boolean' : 'string' }] as const
  )
  return { ...Object.fromEntries(types), help: { type: 'boolean' } }
}

function problemOf(
  table: OptionTable,
  { name, rawName, value, inlineValue }: OptionToken
): string | undefined {
  const option = own(table, name)
  if (option === undefined && name !== 'help') return `Unknown option '${rawName.slice(0, 80)}'`
  const argument = option?.argument
  if (argument === undefined) return value === undefined ? undefined : `${rawName} takes no value`
  if (value === undefined) return `${rawName} needs ${argument}`
  if (inlineValue !== true && value.startsWith('-') && value !== '-') {
    return `${rawName} needs ${argument} (write ${rawName}=${argument} if it starts with a dash)`
  }
  return undefined
}

function own(table: OptionTable, name: string): Option | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined
}

function fallback({ variable, default: usual }: Option, env: OptionSource['env'] = {}): string[] {
  const text = variable === undefined ? undefined : env[variable]
  if (text !== undefined && text !== '') return [text]
  return usual === undefined ? [] : [usual]
}

function outside(name: string, { oneOf }: Option, text: string): string[] {
  if (oneOf === undefined || oneOf.includes(text)) return []
  return [`--${name} is one of ${oneOf.join(', ')}`]
}

function valueOf({ argument, isRepeated }: Option, texts: readonly string[]) {
  if (argument === undefined) return texts.length > 0
  return isRepeated === true ? texts : texts.at(-1)
}

/** Formats the options for a usage text, `--help` last. */
export function optionLines(table: OptionTable): string {
  const rows = Object.entries(table).map(([name, option]) => {
    const { argument, isRepeated, variable, default: usual, description } = option
    const remarks = [
      ...(isRepeated === true ? ['may be repeated'] : []),
      ...(variable === undefined ? [] : [`or ${variable}`]),
      ...(usual === undefined ? [] : [`default ${usual}`])
    ]
    const remark = remarks.length === 0 ? '' : ` (${remarks.join('; ')})`
    return [
      `--${name}${argument === undefined ? '' : ` ${argument}`}`,
      description + remark
    ] as const
  })
  const width = Math.max(...rows.map(([flag]) => flag.length))
  const lines = rows.map(([flag, text]) => {
    const [first = '', ...rest] = wrap(text, usageColumns - width - 4)
    const below = rest.map(line => `${' '.repeat(width + 4)}${line}\n`)
    return `  ${flag.padEnd(width)}  ${first}\n${below.join('')}`
  })
  return `${lines.join('')}  --help\n`
}

const usageColumns = 110

/** Wraps text into lines of at most `columns` characters, except for a longer word. */
function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const line = lines.at(-1)
    if (line === undefined || line.length + word.length >= columns) lines.push(word)
    else lines.splice(-1, 1, `${line} ${word}`)
  }
  return lines
}
