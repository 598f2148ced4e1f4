import { Fault } from '../../common/fault.ts'
import { gitBytes, gitText } from './git-program.ts'

/** Names of files are bytes to Git; as latin1 text they pass through unchanged. */
const bytesOf = (name: string): string => Buffer.from(name, 'utf8').toString('latin1')
const textOf = (name: string): string => Buffer.from(name, 'latin1').toString('utf8')

/** One file to write: a path from the root of the repository, and its content. */
export interface FileChange {
  readonly path: string
  readonly content: Buffer
}

/** An entry of a tree object. */
interface TreeEntry {
  readonly mode: string
  readonly type: string
  readonly id: string
}

const [file, executable, folder] = ['100644', '100755', '040000']

/** Reads a file of a commit; undefined if there is none. @throws {Fault} `PATH_NOT_FILE` for a link or submodule */
export async function readTreeFile(
  repository: string,
  commit: string,
  path: string
): Promise<Buffer | undefined> {
  const steps = path.split('/')
  let tree = `${commit}^{tree}`
  for (const [index, step] of steps.entries()) {
    const entry = (await readTree(repository, tree)).get(bytesOf(step))
    if (entry === undefined) return undefined
    const isLast = index === steps.length - 1
    requireKind(entry, isLast, steps.slice(0, index + 1).join('/'))
    if (isLast) {
      return gitBytes({ folder: repository, args: ['cat-file', 'blob', entry.id] })
    }
    tree = entry.id
  }
  return undefined
}

/** The names in a folder of a commit with their kinds; empty if there is no such folder. */
export async function listTreeFolder(
  repository: string,
  commit: string,
  path: string
): Promise<readonly { readonly name: string; readonly isFolder: boolean }[]> {
  let tree = `${commit}^{tree}`
  for (const step of path.split('/')) {
    const entry = (await readTree(repository, tree)).get(bytesOf(step))
    if (entry?.type !== 'tree') return []
    tree = entry.id
  }
  const entries = await readTree(repository, tree)
  return [...entries].map(([name, { type }]) => ({ name: textOf(name), isFolder: type === 'tree' }))
}

/**
 * Writes a tree that differs from that of a commit in these files only. There is no work tree, so no hook, filter
 * or link of the repository takes part. A file keeps its mode.
 *
 * @returns the id of the tree
 * @throws {Fault} `PATH_NOT_FILE` if a path or a folder above it is a symbolic link or a submodule
 */
export async function writeTree(
  repository: string,
  commit: string,
  changes: readonly FileChange[]
): Promise<string> {
  return new TreeWriter(repository).write(`${commit}^{tree}`, changes, '')
}

class TreeWriter {
  readonly #repository: string

  constructor(repository: string) {
    this.#repository = repository
  }

  async write(
    tree: string | undefined,
    changes: readonly FileChange[],
    above: string
  ): Promise<string> {
    const entries = tree === undefined ? new Map<string, TreeEntry>() : await this.#read(tree)
    const byStep = Map.groupBy(changes, ({ path }) => path.split('/', 1)[0] ?? '')
    for (const [step, inside] of byStep) {
      const old = entries.get(bytesOf(step))
      const leaf = inside.find(({ path }) => path === step)
      if (old !== undefined) requireKind(old, leaf !== undefined, above + step)
      entries.set(
        bytesOf(step),
        leaf === undefined
          ? await this.#folder(old, inside, `${above}${step}/`)
          : await this.#file(old, leaf)
      )
    }
    const lines = [...entries].map(
      ([name, { mode, type, id }]) => `${mode} ${type} ${id}\t${name}\0`
    )
    return gitText({
      folder: this.#repository,
      args: ['mktree', '-z', '--missing'],
      input: Buffer.from(lines.join(''), 'latin1')
    })
  }

  async #folder(
    old: TreeEntry | undefined,
    inside: readonly FileChange[],
    above: string
  ): Promise<TreeEntry> {
    const below = inside.map(({ path, content }) => ({
      path: path.slice(path.indexOf('/') + 1),
      content
    }))
    return { mode: folder, type: 'tree', id: await this.write(old?.id, below, above) }
  }

  async #file(old: TreeEntry | undefined, { content }: FileChange): Promise<TreeEntry> {
    const id = await gitText({
      folder: this.#repository,
      args: ['hash-object', '-w', '--stdin'],
      input: content
    })
    return { mode: old?.mode ?? file, type: 'blob', id }
  }

  #read(tree: string): Promise<Map<string, TreeEntry>> {
    return readTree(this.#repository, tree)
  }
}

async function readTree(repository: string, tree: string): Promise<Map<string, TreeEntry>> {
  const output = await gitBytes({ folder: repository, args: ['ls-tree', '-z', tree] })
  const entries = output
    .toString('latin1')
    .split('\0')
    .filter(line => line !== '')
  return new Map(
    entries.map(line => {
      const [meta, name] = splitOnce(line, '\t')
      const [mode = '', type = '', id = ''] = meta.split(' ')
      return [name, { mode, type, id }]
    })
  )
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return [text.slice(0, at), text.slice(at + separator.length)]
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
