/** Tells whether a path fits. */
export type PathPattern = (file: string) => boolean

/**
 * A path pattern: `*` and `?` within a name, `**` across folders, everything else itself. Names that
 * start with a dot match only where the pattern says the dot. Patterns and names come from a repository:
 * no pattern takes longer than its length times that of the path.
 */
export function pathPattern(pattern: string): PathPattern {
  const parts = pattern.split('/')
  return file => {
    let at = withoutFolders(parts, new Set([0]))
    for (const name of file.split('/')) {
      const next = new Set<number>()
      for (const index of at) step(parts, index, name, next)
      at = withoutFolders(parts, next)
    }
    return at.has(parts.length)
  }
}

/** From where a name leads: `**` stays where it is, and at the end of a pattern is done as well. */
function step(parts: readonly string[], index: number, name: string, next: Set<number>): void {
  const part = parts[index]
  if (part === undefined) return
  if (part !== '**') {
    if (matchesName(part, name)) next.add(index + 1)
    return
  }
  if (name === '' || name.startsWith('.')) return
  next.add(index)
  if (index === parts.length - 1) next.add(parts.length)
}

/** `**` with something behind it stands for no folder too. */
function withoutFolders(parts: readonly string[], at: Set<number>): Set<number> {
  for (const index of at) if (parts[index] === '**' && index < parts.length - 1) at.add(index + 1)
  return at
}

/** After a star that did not fit one character more is given to it, and to no star before it. */
function matchesName(part: string, name: string): boolean {
  if (/^[*?]/.test(part) && name.startsWith('.')) return false
  let [inPart, inName] = [0, 0]
  let star: { readonly inPart: number; inName: number } | undefined
  while (inName < name.length) {
    const wanted = part[inPart]
    if (wanted === '*') star = { inPart: (inPart += 1), inName }
    else if (wanted === '?' || wanted === name[inName]) {
      inPart += 1
      inName += 1
    } else if (star === undefined) return false
    else {
      inPart = star.inPart
      inName = star.inName += 1
    }
  }
  return /^\**$/.test(part.slice(inPart))
}
