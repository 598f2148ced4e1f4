import { Fault } from '../../common/fault.ts'
import { gitBytes } from './git-program.ts'
import type { Repository } from './git-program.ts'

/** The mode and the object of a path of a commit. */
export interface TreeEntry {
  readonly mode: string
  readonly id: string
}

const [file, executable, folder] = ['100644', '100755', '040000']

/** The mode of files that are new. */
export const newFileMode = file

/**
 * Finds files of a commit by their paths from the root of the repository. Paths without a file are left out.
 *
 * @throws {Fault} `PATH_NOT_FILE` if a path or a folder above it is a symbolic link, a submodule or of another kind
 */
export async function findFiles(
  repository: Repository,
  commit: string,
  paths: readonly string[]
): Promise<ReadonlyMap<string, TreeEntry>> {
  const entries = await entriesOf(repository, commit, [...new Set(paths.flatMap(prefixesOf))])
  for (const path of paths) {
    for (const prefix of prefixesOf(path)) {
      const entry = entries.get(prefix)
      if (entry !== undefined) requireKind(entry, prefix === path, prefix)
    }
  }
  return new Map(
    paths.flatMap(path => {
      const entry = entries.get(path)
      return entry === undefined ? [] : [[path, entry] as const]
    })
  )
}

/** Reads a file of a commit; undefined if there is none. @throws {Fault} as {@link findFiles} */
export async function readTreeFile(
  repository: Repository,
  commit: string,
  path: string
): Promise<Buffer | undefined> {
  const entry = (await findFiles(repository, commit, [path])).get(path)
  if (entry === undefined) return undefined
  return gitBytes({ ...repository, args: ['cat-file', 'blob', entry.id] })
}

/** A path and the folders above it. */
function prefixesOf(path: string): readonly string[] {
  const steps = path.split('/')
  return steps.map((_, index) => steps.slice(0, index + 1).join('/'))
}

/** With -t, ls-tree names the folders on its way too. Its paths are no patterns. */
async function entriesOf(
  repository: Repository,
  commit: string,
  paths: readonly string[]
): Promise<ReadonlyMap<string, TreeEntry>> {
  const args = ['ls-tree', '-t', '-z', '--full-tree', commit, '--', ...paths]
  const output = await gitBytes({ ...repository, args })
  const lines = output.toString('utf8').split('\0')
  return new Map(
    lines.flatMap(line => {
      const [, mode = '', id = '', name = ''] = /^(\d+) \w+ ([0-9a-f]+)\t(.*)$/s.exec(line) ?? []
      return name === '' ? [] : [[name, { mode, id }] as const]
    })
  )
}

function requireKind(entry: TreeEntry, isFile: boolean, where: string): void {
  const isFit = isFile ? entry.mode === file || entry.mode === executable : entry.mode === folder
  if (isFit) return
  throw new Fault('PATH_NOT_FILE', isFile ? 'not a regular file' : 'not a folder', {
    where,
    found: describeMode(entry.mode),
    remedy: 'mlgitops writes regular files in folders of the repository only.'
  })
}

function describeMode(mode: string): string {
  if (mode === '120000') return 'a symbolic link'
  if (mode === '160000') return 'a submodule'
  return mode === folder ? 'a folder' : 'a file'
}
