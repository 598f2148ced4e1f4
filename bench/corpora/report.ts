import type { Comparison } from './compare.ts'

/**
 * The figures of docs/corpora.md.
 *
 * @param date of the run, such as 2026-12-01
 */
export function report(comparisons: readonly Comparison[], objects: number, date: string): string {
  const rows = comparisons.map(({ pair, judged, refused, differences }) => {
    const agreed = judged - differences.length
    return `| ${pair.peer} | \`${pair.id}\` | ${judged} | ${refused} | ${agreed} | ${differences.length} |`
  })
  const total = comparisons.reduce((sum, { judged }) => sum + judged, 0)
  const different = comparisons.reduce((sum, { differences }) => sum + differences.length, 0)
  return [
    `${objects} objects, ${total} pairs of verdicts (${date}), ${total - different} equal, ${different} different.`,
    '',
    '| peer | policy | objects | refused by both | equal | different |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    'Each difference and its reason:',
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

const [begin, end] = [
  '<!-- npm run bench:corpora -- --write -->\n',
  '<!-- end of the figures -->\n'
]

/** The part of a page that a report takes the place of. */
export function figuresOf(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from === -1 || to < from) {
    throw new Error(`the page has no figures between ${begin.trim()} and ${end.trim()}`)
  }
  return page.slice(from + begin.length, to)
}

/** A page with other figures. */
export function withFigures(page: string, figures: string): string {
  const from = page.indexOf(begin) + begin.length
  return page.slice(0, from) + figures + page.slice(from + figuresOf(page).length)
}
