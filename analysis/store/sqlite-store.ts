import { analysisTables } from './analysis-tables.ts'
import { clusterTable } from './cluster-table.ts'
import { countTables } from './count-tables.ts'
import { driftTable } from './drift-table.ts'
import { oldRuns } from './old-runs.ts'
import { predictionTable } from './prediction-table.ts'
import { rankedTable } from './ranked-table.ts'
import { runTables } from './run-tables.ts'
import { openDatabase } from './sqlite-database.ts'
import type { Store } from './store.ts'
import { traceTable } from './trace-table.ts'

/**
 * Opens a store in one SQLite file, or in memory for `:memory:`.
 *
 * @throws {Fault} as {@link openDatabase}
 */
export function openSqliteStore(file: string): Store {
  const database = openDatabase(file)
  return {
    ...runTables(database),
    ...oldRuns(database),
    ...analysisTables(database),
    ...clusterTable(database),
    ...countTables(database),
    ...driftTable(database),
    ...predictionTable(database),
    ...rankedTable(database),
    ...traceTable(database),
    transaction: work => database.transaction(work),
    sizeBytes: () => {
      const { bytes } =
        database.get(
          'SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()'
        ) ?? {}
      return Number(bytes ?? 0)
    },
    close: () => {
      database.close()
    }
  }
}
