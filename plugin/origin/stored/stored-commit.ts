/** What a history needs of a commit. */
export interface StoredCommit {
  readonly tree: string
  readonly parents: readonly string[]
  /** The committer date in seconds since 1970. */
  readonly seconds: string
}

const header =
  /^tree ([0-9a-f]{40})\n((?:parent [0-9a-f]{40}\n)*)author [^\n]*\ncommitter [^\n]*> (\d+) [-+]\d+\n/

/** Undefined for a commit of an unusual form, which Git may read in a way of its own. */
export function parseCommit(bytes: Buffer): StoredCommit | undefined {
  const [, tree, parents = '', seconds = ''] = header.exec(bytes.toString('latin1')) ?? []
  if (tree === undefined) return undefined
  return { tree, parents: parents.match(/[0-9a-f]{40}/g) ?? [], seconds }
}
