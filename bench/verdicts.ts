import { parseArgs } from 'node:util'
import { clusterRows } from './verdicts/clusters.ts'
import { meanRows } from './verdicts/means.ts'
import { mirroredRows } from './verdicts/mirrored.ts'
import { missingLabelRows } from './verdicts/missing-labels.ts'
import { seeded } from './verdicts/random.ts'
import { shiftRows } from './verdicts/shifts.ts'
import { responseRows } from './verdicts/responses.ts'
import { rhythmRows } from './verdicts/rhythm.ts'
import { stoppings } from './verdicts/stopping.ts'
import type { Stopping } from './verdicts/stopping.ts'
import { tables } from './verdicts/tables.ts'
import type { Row, Table } from './verdicts/tables.ts'
import { watch } from './verdicts/watch.ts'

const worlds: readonly Stopping[] = [
  {
    title:
      'Users that stay in their arm, 10 new ones an interval and 30 looks, against the primary',
    rows: clusterRows
  },
  {
    title: 'Precision against 0.92, margin 0.02, 20 looks, by which labels are missing, m=100',
    rows: missingLabelRows
  },
  {
    title:
      'Predictions of a class without labels, 10 % by the primary, 100 and 900 a block, 30 looks',
    rows: shiftRows
  },
  {
    title: 'Means and 1 - AUC against 0.2, margin 0.02, 20 looks, m=100 (AUC: 15 % positive)',
    rows: meanRows
  },
  {
    title: 'Precision against 0.92, margin 0.02, 20 looks, 50 responses a look',
    rows: responseRows
  },
  {
    title: 'Mirrored requests, a fifth of which both arms get wrong, 100 a look and 20 looks',
    rows: mirroredRows
  },
  {
    title: 'A daily and weekly rhythm for four weeks, alarms in the first three (a run for 100)',
    rows: rhythmRows
  }
]

/**
 * `npm run bench:verdicts [-- --reps 2000 --seed 5]`: how often each rule rolls back or promotes, in
 * percent of simulated rollouts, with the median interval; the figure of an independent simulation in brackets.
 */
function bench(): void {
  const { values } = parseArgs({
    options: {
      reps: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '20261124' }
    }
  })
  const [reps, seed] = [Number(values.reps), Number(values.seed)]
  const error = (share: number) => (100 * Math.sqrt((share * (1 - share)) / reps)).toFixed(2)
  say(
    `${reps} rollouts a row, seed ${seed}; standard error ${error(0.01)} at 1 %, ${error(0.5)} at 50 %`
  )
  say('percent [median interval] (percent expected)')
  for (const table of tables) {
    const lines = [['', ...table.rules.map(({ name }) => name)]]
    for (const row of table.rows) lines.push([row.name, ...cells(table, row, { reps, seed })])
    print(table.title, lines)
  }
  for (const { title, rows } of [...stoppings, ...worlds]) print(title, rows(seeded(seed), reps))
}

function print(title: string, lines: readonly (readonly string[])[]): void {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map(line => (line[column] ?? '').length))
  )
  say(`\n${title}`)
  for (const line of lines) {
    say(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()
    )
  }
}

function cells(
  { rules }: Table,
  { world, looks, before = 0, expected }: Row,
  { reps, seed }: { readonly reps: number; readonly seed: number }
): string[] {
  const shares = watch(world, rules, { reps, looks, before, random: seeded(seed) })
  return shares.map(({ percent, median }, at) => {
    const figure = expected[at]
    const when = median > 0 ? ` [${median}]` : ''
    return `${percent.toFixed(1)}${when}${figure === undefined ? '' : ` (${figure})`}`
  })
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

bench()
