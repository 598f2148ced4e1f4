import { analysisTables } from './analysis-tables.ts'
import { countTables } from './count-tables.ts'
import { predictionTable } from './prediction-table.ts'
import { runTables } from './run-tables.ts'
import { openDatabase } from './sqlite-database.ts'
import type { Store } from './store.ts'

/**
 * Opens a store in one SQLite file, or in memory for `:memory:`.
 *
 * @throws {Fault} as {@link openDatabase}
 */
export function openSqliteStore(file: string): Store {
  const database = openDatabase(file)
  return {
    ...runTables(database),
    ...analysisTables(database),
    ...countTables(database),
    ...predictionTable(database),
    transaction: work => database.transaction(work),
    close: () => {
      database.close()
    }
  }
}
