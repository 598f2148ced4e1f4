import type { Node, ParsedFile } from './nodes.ts'

/** A field that names an image, and its name without tag and digest. */
export interface ImageField {
  /** Counted from 1. */
  readonly document: number
  readonly path: readonly string[]
}

/** The fields with the key `image` whose text is an image of this name, with any tag and digest or none. */
export function imageFields(parsed: ParsedFile, name: string): readonly ImageField[] {
  return parsed.documents.flatMap((root, index) =>
    fieldsIn(root, name).map(path => ({ document: index + 1, path }))
  )
}

function fieldsIn(
  node: Node,
  name: string,
  above: readonly string[] = []
): readonly (readonly string[])[] {
  if (node.kind === 'sequence') {
    return node.items.flatMap((item, index) => fieldsIn(item, name, [...above, String(index)]))
  }
  if (node.kind !== 'mapping') return []
  return node.entries.flatMap(({ key, value }) => {
    if (key.kind !== 'scalar') return []
    const path = [...above, key.text]
    if (value.kind !== 'scalar') return fieldsIn(value, name, path)
    return key.text === 'image' && nameOf(value.text) === name ? [path] : []
  })
}

/** An image reference without its digest and tag. A colon before the last slash is that of a port. */
export function nameOf(reference: string): string {
  const [whole = ''] = reference.split('@', 1)
  const slash = whole.lastIndexOf('/')
  const colon = whole.indexOf(':', slash + 1)
  return colon < 0 ? whole : whole.slice(0, colon)
}
