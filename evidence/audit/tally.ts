import { Fault, bound } from '../../common/fault.ts'
import type { AuditedGroup } from '../bias-audit/bias-audit.ts'
import { missingGroup } from '../bias-audit/group-figures.ts'
import type { AuditRow } from './rows.ts'

/** One sensitive column, or several combined, with the counts of each group. */
export interface TalliedAttribute {
  /** The columns joined by commas. */
  readonly name: string
  readonly columns: readonly string[]
  /** In the order of their names. */
  readonly groups: readonly AuditedGroup[]
  /** Rows that lack a value in one of the columns. */
  readonly missing: number
}

/** The counts of a table of predictions. */
export interface Tally {
  readonly rows: number
  readonly attributes: readonly TalliedAttribute[]
}

type Cell = 'tp' | 'fp' | 'fn' | 'tn'
type Counts = Record<Cell, number>

/** Limit of the audit's schema. */
const maxGroups = 100
const maxNameCharacters = 100

/** Counts rows whose values are label, prediction, then each sensitive column. */
export class Tallying {
  readonly #file: string
  readonly #attributes: readonly {
    readonly columns: readonly string[]
    readonly indexes: readonly number[]
    readonly groups: Map<string, Counts>
    missing: number
  }[]
  #rows = 0

  /** @param intersections also count all columns combined */
  constructor(file: string, sensitive: readonly string[], intersections: boolean) {
    const singles = sensitive.map((column, at) => [[column], [at + 2]] as const)
    const all = [sensitive, sensitive.map((_, at) => at + 2)] as const
    const asked = intersections && sensitive.length > 1 ? [...singles, all] : singles
    this.#file = file
    this.#attributes = asked.map(([columns, indexes]) => {
      return { columns, indexes, groups: new Map<string, Counts>(), missing: 0 }
    })
  }

  /** @throws {Fault} `AUDIT_VALUE_INVALID`, `AUDIT_GROUP_INVALID`, `AUDIT_TOO_MANY_GROUPS` */
  add({ line, values }: AuditRow): void {
    const where = `${this.#file}:${line}`
    const label = isPositive(values[0], 'label', where)
    const prediction = isPositive(values[1], 'prediction', where)
    const cell = cellOf(label, prediction)
    this.#rows += 1
    for (const attribute of this.#attributes) {
      const parts = attribute.indexes.map(index => values[index] ?? missingGroup)
      if (parts.includes(missingGroup)) attribute.missing += 1
      const name = parts.length === 1 ? (parts[0] ?? '') : joined(parts, where)
      let counts = attribute.groups.get(name)
      if (counts === undefined) {
        counts = { tp: 0, fp: 0, fn: 0, tn: 0 }
        admitGroup(name, attribute.columns, attribute.groups.size, where)
        attribute.groups.set(name, counts)
      }
      counts[cell] += 1
    }
  }

  /** @throws {Fault} `AUDIT_EMPTY` when there was no row */
  end(): Tally {
    if (this.#rows === 0) {
      throw new Fault('AUDIT_EMPTY', 'the file has no rows to audit', { where: this.#file })
    }
    return {
      rows: this.#rows,
      attributes: this.#attributes.map(({ columns, groups, missing }) => ({
        name: columns.join(','),
        columns,
        groups: [...groups].sort(byName).map(([name, counts]) => groupOf(name, counts)),
        missing
      }))
    }
  }
}

/** Parts of an intersection's name are joined with commas, so they must not contain one. */
function joined(parts: readonly string[], where: string): string {
  const odd = parts.find(part => part.includes(','))
  if (odd === undefined) return parts.join(',')
  throw new Fault('AUDIT_GROUP_INVALID', 'a value with a comma cannot be part of an intersection', {
    where,
    found: bound(JSON.stringify(odd), 80),
    remedy: 'Rename the value, or omit --intersections.'
  })
}

function admitGroup(name: string, columns: readonly string[], known: number, where: string): void {
  if (known >= maxGroups) {
    throw new Fault(
      'AUDIT_TOO_MANY_GROUPS',
      `${columns.join(',')} has more than ${maxGroups} values`,
      {
        where,
        remedy: 'Choose a column with few groups, such as age bands.'
      }
    )
  }
  if (name.length <= maxNameCharacters && name.isWellFormed() && !/\p{Cc}/u.test(name)) return
  throw new Fault('AUDIT_GROUP_INVALID', `a value of ${columns.join(',')} cannot name a group`, {
    where,
    found: bound(JSON.stringify(name), 80),
    expected: `at most ${maxNameCharacters} characters on one line`
  })
}

function byName([a]: readonly [string, Counts], [b]: readonly [string, Counts]): number {
  return a < b ? -1 : 1
}

function groupOf(name: string, { tp, fp, fn, tn }: Counts): AuditedGroup {
  return { name, n: tp + fp + fn + tn, selected: tp + fp, tp, fp, fn, tn }
}

function cellOf(label: boolean, prediction: boolean): Cell {
  if (prediction) return label ? 'tp' : 'fp'
  return label ? 'fn' : 'tn'
}

const classes = new Map([
  ['1', true],
  ['1.0', true],
  ['true', true],
  ['0', false],
  ['0.0', false],
  ['false', false]
])

function isPositive(text: string | undefined, column: string, where: string): boolean {
  const value = text === undefined ? undefined : classes.get(text.toLowerCase())
  if (value !== undefined) return value
  throw new Fault('AUDIT_VALUE_INVALID', `a ${column} is neither of the two classes`, {
    where,
    found: text === undefined ? 'nothing' : bound(JSON.stringify(text), 40),
    expected: '0, 1, true or false'
  })
}
