/** Whether a path matches a pattern. */
export type PathPattern = (file: string) => boolean

/**
 * Compiles a path pattern: `*` and `?` match inside a name, `**` matches folders, any other character
 * matches itself. A name that starts with a dot needs a dot in the pattern. Patterns and paths are
 * untrusted: matching takes at most the length of the pattern times that of the path.
 */
export function pathPattern(pattern: string): PathPattern {
  const parts = pattern.split('/')
  return file => after(parts, file).has(parts.length)
}

/** Compiles a path pattern to a test of folders: whether the pattern can match a path below the folder. */
export function patternReach(pattern: string): PathPattern {
  const parts = pattern.split('/')
  return folder => [...after(parts, folder)].some(index => index < parts.length)
}

/** The parts that can follow after a path. */
function after(parts: readonly string[], file: string): Set<number> {
  let at = withoutFolders(parts, new Set([0]))
  for (const name of file.split('/')) {
    const next = new Set<number>()
    for (const index of at) step(parts, index, name, next)
    at = withoutFolders(parts, next)
  }
  return at
}

/** Adds the parts that can follow after `name`: `**` can match again, and at the end of a pattern is complete. */
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

/** `**` before another part also matches no folder at all. */
function withoutFolders(parts: readonly string[], at: Set<number>): Set<number> {
  for (const index of at) if (parts[index] === '**' && index < parts.length - 1) at.add(index + 1)
  return at
}

/** On a mismatch, only the last star takes one more character; earlier stars keep theirs. */
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
