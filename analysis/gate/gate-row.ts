import { Fault, bound } from '../../common/fault.ts'
import { readRows } from '../../evidence/audit/rows.ts'
import { className, isNotANumber } from '../counter/class-name.ts'
import type { Outcome } from '../counter/outcome.ts'
import { predictedClass } from '../counter/predicted-class.ts'
import type { Analysis } from '../settings/analysis.ts'
import type { GateColumns } from './read-gate-options.ts'

/** A row of a file of predictions. */
export interface GateRow {
  /** As the counters of the analysis count it. */
  readonly outcome: Outcome
  /** What the row has in common with rows that depend on it; undefined without `--cluster`. */
  readonly cluster: string | undefined
}

type Role = keyof GateColumns
type Rules = Pick<Analysis, 'positive' | 'threshold' | 'classes'>

/**
 * Reads a file of predictions.
 *
 * @param scores columns with scores between 0 and 1 that objectives name
 * @throws {Fault} `GATE_VALUE_INVALID`, and those of a table (evidence/audit/rows.ts)
 */
export async function readGateRows(
  bytes: AsyncIterable<Uint8Array>,
  file: string,
  about: {
    readonly columns: GateColumns
    readonly scores: readonly string[]
    readonly rules: Rules
  }
): Promise<readonly GateRow[]> {
  const { columns, scores, rules } = about
  const roles = (Object.entries(columns) as [Role, string | undefined][]).flatMap(([role, name]) =>
    name === undefined ? [] : [{ role, name }]
  )
  const names = [...new Set([...roles.map(({ name }) => name), ...scores])]
  const rows: GateRow[] = []
  for await (const batch of readRows(bytes, file, names)) {
    for (const { line, values } of batch) {
      const valueOf = (name: string | undefined) =>
        name === undefined ? undefined : values[names.indexOf(name)]
      const where = `${file}:${line}`
      const named = scores.map(name => [name, valueOf(name)] as const)
      const row = readRow(role => valueOf(columns[role]), {
        where,
        rules,
        scores: named,
        isPredicted: columns.prediction !== undefined
      })
      if (columns.cluster !== undefined && row.cluster === undefined) {
        throw new Fault('GATE_VALUE_INVALID', 'the row has no cluster', { where })
      }
      rows.push(row)
    }
  }
  return rows
}

interface RowContext {
  readonly where: string
  readonly rules: Rules
  readonly scores: readonly (readonly [string, string | undefined])[]
  /** Whether there is a column of predictions: an empty one is an error. */
  readonly isPredicted: boolean
}

function readRow(
  valueOf: (role: Role) => string | undefined,
  { where, rules, scores, isPredicted }: RowContext
): GateRow {
  const text = valueOf('prediction')
  const label = valueOf('label')
  const latency = valueOf('latency')
  const score = valueOf('score')
  if (label !== undefined && isNotANumber(label)) {
    throw invalid('the label is NaN, which is neither a class nor a number', where, label)
  }
  const named = scores.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, scoreOf(value, name, where)] as const]
  )
  const outcome: Outcome = {
    timeMs: 0,
    variant: 'canary',
    predicted: text === undefined ? undefined : predictionOf(text, rules, where),
    label: label === undefined ? undefined : className(label),
    latencyMs: latency === undefined ? undefined : numberOf(latency, 'latency', where, 0),
    isError: isPredicted && text === undefined,
    isPending: false,
    isLogged: false,
    measures: {
      ...(score === undefined ? {} : { score: numberOf(score, 'score', where) }),
      scores: Object.fromEntries(named)
    }
  }
  return { outcome, cluster: valueOf('cluster') }
}

function predictionOf(text: string, rules: Rules, where: string): string {
  const found = predictedClass(text, rules)
  if ('name' in found) return found.name
  throw invalid(found.unusable, where, text)
}

function scoreOf(text: string, name: string, where: string): number {
  const value = numberOf(text, name, where, 0)
  if (value <= 1) return value
  throw invalid(`${JSON.stringify(name)} must be between 0 and 1`, where, text)
}

function numberOf(text: string, what: string, where: string, least = -Infinity): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && value >= least) return value
  throw invalid(`the ${what} is not a number${least === 0 ? ' of at least 0' : ''}`, where, text)
}

function invalid(problem: string, where: string, text: string): Fault {
  return new Fault('GATE_VALUE_INVALID', problem, {
    where,
    found: bound(JSON.stringify(text), 80)
  })
}
