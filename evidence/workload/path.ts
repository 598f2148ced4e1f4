/**
 * A path into an object, compiled from the notation of the workload table:
 *
 * - `spec.template` members
 * - `[]` every item of a list, `{}` every value of a map, `{a.b/c|d}` the values of these keys of a map
 * - `(a|b.c[])` any of these paths
 * - `(.children[])*` zero or more times, for kinds that contain themselves
 */
export type Path =
  | { readonly step: 'end' }
  | { readonly step: 'member'; readonly name: string; readonly next: Path }
  | { readonly step: 'items'; readonly next: Path }
  | { readonly step: 'values'; readonly next: Path }
  | { readonly step: 'entries'; readonly keys: ReadonlySet<string>; readonly next: Path }
  | { readonly step: 'fork'; readonly ways: readonly Path[] }

type Part =
  | { readonly part: 'member'; readonly name: string }
  | { readonly part: 'items' | 'values' }
  | { readonly part: 'entries'; readonly keys: ReadonlySet<string> }
  | {
      readonly part: 'group'
      readonly ways: readonly (readonly Part[])[]
      readonly isLoop: boolean
    }

/**
 * Compiles a path of the table.
 *
 * @throws {TypeError} for invalid notation: the table is code, so this is a bug
 */
export function compilePath(text: string): Path {
  const tokens = text.match(/\[\]|\{[\w./|-]*\}|\)\*|[().|]|[A-Za-z0-9_-]+/g) ?? []
  if (tokens.join('') !== text) throw new TypeError(`not a path: ${text}`)
  const reader: Reader = { text, tokens, position: 0 }
  const parts = readSequence(reader)
  if (reader.position < tokens.length) throw new TypeError(`a ")" without "(" in ${text}`)
  return link(parts, { step: 'end' })
}

interface Reader {
  readonly text: string
  readonly tokens: readonly string[]
  position: number
}

/** Parts up to `|`, `)` or the end. */
function readSequence(reader: Reader): Part[] {
  const parts: Part[] = []
  for (;;) {
    const token = reader.tokens[reader.position]
    if (token === undefined || token === '|' || token === ')' || token === ')*') break
    reader.position += 1
    if (token === '(') parts.push(readGroup(reader))
    else if (token === '[]') parts.push({ part: 'items' })
    else if (token === '{}') parts.push({ part: 'values' })
    else if (token.startsWith('{')) {
      parts.push({ part: 'entries', keys: new Set(token.slice(1, -1).split('|')) })
    } else if (token !== '.') parts.push({ part: 'member', name: token })
  }
  if (parts.length === 0) throw new TypeError(`an empty part in ${reader.text}`)
  return parts
}

function readGroup(reader: Reader): Part {
  const ways: Part[][] = []
  for (;;) {
    ways.push(readSequence(reader))
    const token = reader.tokens[reader.position]
    reader.position += 1
    if (token === ')' || token === ')*') return { part: 'group', ways, isLoop: token === ')*' }
    if (token === undefined) throw new TypeError(`a "(" without ")" in ${reader.text}`)
  }
}

function link(parts: readonly Part[], end: Path): Path {
  return parts.reduceRight<Path>((next, part) => {
    if (part.part === 'member') return { step: 'member', name: part.name, next }
    if (part.part === 'entries') return { step: 'entries', keys: part.keys, next }
    if (part.part !== 'group') return { step: part.part, next }
    if (!part.isLoop) return { step: 'fork', ways: part.ways.map(way => link(way, next)) }
    const ways: Path[] = [next]
    const loop: Path = { step: 'fork', ways }
    for (const way of part.ways) ways.push(link(way, loop))
    return loop
  }, end)
}
