import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const relativeImport = /(['"])(\.{1,2}\/[^'"\n]+\.ts)\1/g

/**
 * The TypeScript files that a file names, and those name, as relative paths in quotes: imports, and
 * modules that are started as processes. Sorted by discovery, depth first; the file itself is not among them.
 *
 * @param folder the project's, absolute
 * @param file relative to it, as the answer's are
 */
export function importedFiles(folder: string, file: string): ReadonlySet<string> {
  const found = new Set<string>()
  const visit = (from: string) => {
    const text = readFileSync(path.join(folder, from), 'utf8')
    for (const [, , relative = ''] of text.matchAll(relativeImport)) {
      const to = path.normalize(path.join(path.dirname(from), relative))
      if (to === file || found.has(to) || !existsSync(path.join(folder, to))) continue
      found.add(to)
      visit(to)
    }
  }
  visit(file)
  return found
}
