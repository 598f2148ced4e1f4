import type { RankedEvent } from '../counter/rank-book.ts'
import { nullableText, text } from './row.ts'
import type { Database, Row } from './sqlite-database.ts'
import type { Store } from './store.ts'

/** The table of predictions with a score. */
export function rankedTable({ run, all }: Database): Pick<Store, 'putRanked' | 'ranked'> {
  return {
    putRanked: (analysis, { blockMs, key, score, isPositive, cluster }) => {
      run(
        'INSERT OR REPLACE INTO ranked VALUES (?, ?, ?, ?, ?, ?)',
        analysis,
        blockMs,
        key,
        score,
        isPositive === null ? null : Number(isPositive),
        cluster
      )
    },
    ranked: analysis =>
      all('SELECT * FROM ranked WHERE analysis = ? ORDER BY block_ms', analysis).map(rankedOf)
  }
}

function rankedOf(row: Row): RankedEvent {
  return {
    blockMs: Number(row.block_ms),
    key: text(row.key),
    score: Number(row.score),
    isPositive: row.positive === null ? null : row.positive === 1,
    cluster: nullableText(row.cluster)
  }
}
