import type { Comparison } from './compare.ts'

/** The tables of docs/corpora.md. */
export function report(comparisons: readonly Comparison[], objects: number): string {
  const rows = comparisons.map(({ pair, judged, refused, differences }) => {
    const agreed = judged - differences.length
    return `| ${pair.peer} | \`${pair.id}\` | ${judged} | ${refused} | ${agreed} | ${differences.length} |`
  })
  const total = comparisons.reduce((sum, { judged }) => sum + judged, 0)
  const different = comparisons.reduce((sum, { differences }) => sum + differences.length, 0)
  return [
    `${objects} objects, ${total} pairs of verdicts, ${total - different} equal, ${different} different.`,
    '',
    '| peer | policy | objects | refused by both | equal | different |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '| policy | objects | refused by | reason |',
    '| --- | --- | --- | --- |',
    ...comparisons.flatMap(differenceRows),
    ''
  ].join('\n')
}

function differenceRows({ pair, differences }: Comparison): readonly string[] {
  const groups = Map.groupBy(
    differences,
    ({ refusedBy, reason }) => `${refusedBy} | ${reason ?? '?'}`
  )
  return [...groups].map(([key, { length }]) => `| \`${pair.id}\` | ${length} | ${key} |`)
}

/** The differences without a reason, each with its file; empty if there is none. */
export function unexplained(comparisons: readonly Comparison[]): string {
  return comparisons
    .flatMap(({ pair, differences }) =>
      differences
        .filter(({ reason }) => reason === undefined)
        .map(({ object: { file, kind }, refusedBy }) => {
          return `${pair.peer} ${pair.id}: ${kind} of ${file} is refused by ${refusedBy} only\n`
        })
    )
    .join('')
}
