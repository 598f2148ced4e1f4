/** An entry of a tree; a `commit` is a submodule. */
export interface TreeEntry {
  readonly kind: 'tree' | 'blob' | 'link' | 'commit'
  readonly id: string
}

/** The entries of a tree by name, as bytes in latin1. */
export type TreeEntries = ReadonlyMap<string, TreeEntry>

const idBytes = 20
const kinds: ReadonlyMap<string, TreeEntry['kind']> = new Map([
  ['40000', 'tree'],
  ['100644', 'blob'],
  ['100755', 'blob'],
  // Of old versions of Git.
  ['100664', 'blob'],
  ['120000', 'link'],
  ['160000', 'commit']
])

/**
 * Reads a tree: `<mode> <name>`, a NUL byte and the ID, in the order of the names, where those of trees
 * end in a slash. Undefined for any other form, which Git may read in a way of its own.
 */
export function parseTree(bytes: Buffer): TreeEntries | undefined {
  const text = bytes.toString('latin1')
  const entries = new Map<string, TreeEntry>()
  let before = ''
  for (let at = 0; at < text.length;) {
    const space = text.indexOf(' ', at)
    const end = text.indexOf('\0', space)
    const kind = kinds.get(text.slice(at, space))
    const name = text.slice(space + 1, end)
    at = end + 1 + idBytes
    if (space === -1 || end === -1 || kind === undefined || at > text.length) return undefined
    const order = kind === 'tree' ? `${name}/` : name
    if (name === '' || name.includes('/') || entries.has(name) || order <= before) return undefined
    before = order
    entries.set(name, { kind, id: bytes.toString('hex', end + 1, at) })
  }
  return entries
}
