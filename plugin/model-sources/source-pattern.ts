import path from 'node:path'
import { bound, Fault } from '../../common/fault.ts'
import { patternWithHidden } from '../repository/glob.ts'

/** A compiled pattern of `model.sources`. */
export interface SourcePattern {
  /** The pattern as it is written. */
  readonly text: string
  /** The tree path of its literal part: outside of it nothing matches. */
  readonly root: string
  /** Whether it has no wildcards: a file, or a folder with all files below. */
  readonly isLiteral: boolean
  readonly matches: (treePath: string) => boolean
  /** Whether it can match a file below a folder. */
  readonly reaches: (folder: string) => boolean
}

/**
 * Compiles a pattern, relative to an application path. Without wildcards it is a file or a folder with all
 * files below it; wildcards match names that start with a dot too.
 *
 * @param where the name of the project file in messages
 * @throws {Fault} `PATH_OUTSIDE` if it leaves the repository, `PATTERN_INVALID`
 */
export function compilePattern(text: string, sourcePath: string, where: string): SourcePattern {
  const parts = text.split('/')
  const wild = parts.findIndex(part => /[*?]/.test(part))
  const literal = (wild === -1 ? parts : parts.slice(0, wild)).join('/')
  const rest = wild === -1 ? [] : parts.slice(wild)
  if (rest.includes('..') || /[\\\0]/.test(text))
    throw patternFault('PATTERN_INVALID', 'the pattern is invalid', { text, where })
  const root = path.posix.normalize(path.posix.join(sourcePath, literal)).replace(/(?<=.)\/$/, '')
  if (text.startsWith('/') || root === '..' || root.startsWith('../'))
    throw patternFault('PATH_OUTSIDE', 'the pattern leaves the repository', { text, where })
  if (wild === -1) {
    return {
      text,
      root,
      isLiteral: true,
      matches: file => insideOf(root, file) !== undefined,
      reaches: folder =>
        insideOf(root, folder) !== undefined || insideOf(folder, root) !== undefined
    }
  }
  const glob = rest.filter(part => part !== '' && part !== '.').join('/')
  const compiled = patternWithHidden(glob)
  return {
    text,
    root,
    isLiteral: false,
    matches: file => {
      const inside = insideOf(root, file)
      return inside !== undefined && inside !== '' && compiled.matches(inside)
    },
    reaches: folder => {
      const inside = insideOf(root, folder)
      if (inside === undefined) return insideOf(folder, root) !== undefined
      return inside === '' || compiled.reaches(inside)
    }
  }
}

/** A tree path relative to a folder that contains it, `''` for the folder itself. */
export function insideOf(folder: string, treePath: string): string | undefined {
  if (treePath === folder) return ''
  if (folder === '.') return treePath
  return treePath.startsWith(`${folder}/`) ? treePath.slice(folder.length + 1) : undefined
}

function patternFault(
  code: 'PATTERN_INVALID' | 'PATH_OUTSIDE',
  message: string,
  { text, where }: { readonly text: string; readonly where: string }
): Fault {
  return new Fault(code, message, {
    where,
    found: `model.sources: ${JSON.stringify(bound(text, 200))}`,
    expected:
      code === 'PATH_OUTSIDE'
        ? 'a path inside the repository, relative to the application path'
        : 'names, * and ** separated by "/", with ".." only before them',
    remedy:
      code === 'PATH_OUTSIDE'
        ? "Correct the pattern. In files without .git, run the command in the repository's root."
        : 'Correct the pattern.'
  })
}
