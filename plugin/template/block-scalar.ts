/**
 * What YAML reads from a literal block scalar (`|`) after its lines were rendered: the line feeds at its end
 * depend on its header, which shows in the lines before the render (`|-` none, `|` one, `|+` more).
 *
 * @param written the content of the scalar before the render
 * @returns undefined if the first line is indented now, which YAML would take for the indentation of all
 */
export function readRenderedBlock(written: string, rendered: string): string | undefined {
  if (startsIndented(rendered) && !startsIndented(written)) return undefined
  const ends = /\n*$/.exec(written)?.[0].length ?? 0
  if (ends > 1) return rendered
  const text = rendered.replace(/\n+$/, '')
  return ends === 0 || text === '' ? text : `${text}\n`
}

function startsIndented(text: string): boolean {
  return /^\n*[ \t]/.test(text)
}
