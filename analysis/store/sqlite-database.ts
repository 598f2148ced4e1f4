import { DatabaseSync } from 'node:sqlite'
import type { SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'
import { Fault } from '../../common/fault.ts'
import { migrations } from './schema.ts'
import { asStoreFault } from './store-unusable.ts'

/** A row as SQLite returns it. */
export type Row = Record<string, SQLOutputValue>

/** A database whose statements are prepared once. Every function throws the errors of {@link asStoreFault}. */
export interface Database {
  readonly run: (
    sql: string,
    ...values: SQLInputValue[]
  ) => { readonly changes: number; readonly id: number }
  readonly all: (sql: string, ...values: SQLInputValue[]) => readonly Row[]
  readonly get: (sql: string, ...values: SQLInputValue[]) => Row | undefined
  /** As `get`, with the values in the order of the columns: faster where every event reads a row. */
  readonly getValues: (
    sql: string,
    ...values: SQLInputValue[]
  ) => readonly SQLOutputValue[] | undefined
  /** As `all`, with the values of each row in the order of the columns. */
  readonly allValues: (
    sql: string,
    ...values: SQLInputValue[]
  ) => readonly (readonly SQLOutputValue[])[]
  /** Runs work atomically. */
  readonly transaction: <T>(work: () => T) => T
  readonly close: () => void
}

/** The page cache of the system holds the rest of the file. */
const cacheKiB = 16_384

/**
 * Opens a database file, or an in-memory database for `:memory:`. Its write-ahead log is fully synchronous: a
 * committed transaction survives a kill and a power loss.
 *
 * @throws {Fault} `STORE_UNUSABLE` if the file is not a state file, or has a newer version
 */
export function openDatabase(file: string): Database {
  const database = open(file)
  const prepare = preparer(database, false)
  const prepareValues = preparer(database, true)
  return {
    run: (sql, ...values) => {
      const { changes, lastInsertRowid } = withStoreFaults(() => prepare(sql).run(...values))
      return { changes: Number(changes), id: Number(lastInsertRowid) }
    },
    all: (sql, ...values) => withStoreFaults(() => prepare(sql).all(...values)),
    get: (sql, ...values) => withStoreFaults(() => prepare(sql).get(...values)),
    getValues: (sql, ...values) =>
      withStoreFaults(
        () => prepareValues(sql).get(...values) as unknown as SQLOutputValue[] | undefined
      ),
    allValues: (sql, ...values) =>
      withStoreFaults(
        () => prepareValues(sql).all(...values) as unknown as readonly SQLOutputValue[][]
      ),
    transaction: work => withStoreFaults(() => transact(database, work)),
    close: () => {
      database.close()
    }
  }
}

function preparer(database: DatabaseSync, isOfValues: boolean): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>()
  return sql => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    statement.setReturnArrays(isOfValues)
    statements.set(sql, statement)
    return statement
  }
}

function withStoreFaults<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw asStoreFault(error)
  }
}

function open(file: string): DatabaseSync {
  try {
    const database = new DatabaseSync(file)
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -${cacheKiB}; PRAGMA wal_autocheckpoint = 16384`
    )
    migrate(database)
    return database
  } catch (error) {
    if (error instanceof Fault) throw error
    throw new Fault('STORE_UNUSABLE', 'cannot use the state file', {
      where: '--state',
      found: error instanceof Error ? error.message : 'unknown',
      remedy: 'use a state file of mlgitops, or a new file in a writable folder',
      cause: error
    })
  }
}

function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (version > migrations.length) {
    throw new Fault('STORE_UNUSABLE', 'the state file was written by a newer version of mlgitops', {
      where: '--state',
      found: `version ${version}`,
      expected: `at most ${migrations.length}`
    })
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < version) continue
    transact(database, () => {
      database.exec(`${migration}; PRAGMA user_version = ${index + 1}`)
    })
  }
}

function transact<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
