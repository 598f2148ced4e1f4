/** A row of a Markdown table. */
export function row(cells: readonly string[]): string {
  return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}

/** The line below a table's header. */
export function rule(columns: number): string {
  return `|${' --- |'.repeat(columns)}\n`
}
