/** Whether a path matches a pattern. */
export type PathPattern = (file: string) => boolean

/**
 * Compiles a path pattern: `*` and `?` match inside a name, `**` matches folders, any other character
 * matches itself. A name that starts with a dot needs a dot in the pattern. Patterns and paths are
 * untrusted: matching takes at most the length of the pattern times that of the path.
 */
export function pathPattern(pattern: string): PathPattern {
  return compile(pattern, false).matches
}

/** Compiles a path pattern to a test of folders: whether the pattern can match a path below the folder. */
export function patternReach(pattern: string): PathPattern {
  return compile(pattern, false).reaches
}

/** Compiles a path pattern whose wildcards match names that start with a dot too, as Git's patterns do. */
export function patternWithHidden(pattern: string): CompiledPattern {
  return compile(pattern, true)
}

/** The two tests of a pattern. */
export interface CompiledPattern {
  readonly matches: PathPattern
  /** Whether the pattern can match a path below a folder. */
  readonly reaches: PathPattern
}

function compile(pattern: string, hasHidden: boolean): CompiledPattern {
  const parts = pattern.split('/').map(text => ({ text, hasHidden }))
  return {
    matches: file => after(parts, file).has(parts.length),
    reaches: folder => [...after(parts, folder)].some(index => index < parts.length)
  }
}

interface Part {
  readonly text: string
  readonly hasHidden: boolean
}

/** The parts that can follow after a path. */
function after(parts: readonly Part[], file: string): Set<number> {
  let at = withoutFolders(parts, new Set([0]))
  for (const name of file.split('/')) {
    const next = new Set<number>()
    for (const index of at) step(parts, index, name, next)
    at = withoutFolders(parts, next)
  }
  return at
}

/** Adds the parts that can follow after `name`: `**` can match again, and at the end of a pattern is complete. */
function step(parts: readonly Part[], index: number, name: string, next: Set<number>): void {
  const part = parts[index]
  if (part === undefined) return
  if (part.text !== '**') {
    if (matchesName(part, name)) next.add(index + 1)
    return
  }
  if (name === '' || isHidden(part, name)) return
  next.add(index)
  if (index === parts.length - 1) next.add(parts.length)
}

/** `**` before another part also matches no folder at all. */
function withoutFolders(parts: readonly Part[], at: Set<number>): Set<number> {
  for (const index of at)
    if (parts[index]?.text === '**' && index < parts.length - 1) at.add(index + 1)
  return at
}

function isHidden({ hasHidden }: Part, name: string): boolean {
  return !hasHidden && name.startsWith('.')
}

/** On a mismatch, only the last star takes one more character; earlier stars keep theirs. */
function matchesName({ text: part, hasHidden }: Part, name: string): boolean {
  if (/^[*?]/.test(part) && isHidden({ text: part, hasHidden }, name)) return false
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
