import { findFiles, newFileMode } from './git-tree.ts'
import { gitText } from './git-program.ts'
import type { Repository } from './git-program.ts'

/** One file to write: a path from the root of the repository, and its content. */
export interface FileChange {
  readonly path: string
  readonly content: Buffer
}

/** A name and a mail address, without angle brackets and control characters. */
export interface Person {
  readonly name: string
  readonly mail: string
}

/** A commit to make. */
export interface NewCommit {
  readonly parent: string
  readonly changes: readonly FileChange[]
  readonly message: string
  readonly author: Person
  /** A private key of SSH that signs the commit. */
  readonly signingKey?: string | undefined
}

/**
 * Makes a commit that differs from its parent in these files only, in a bare repository. There is no work tree, so
 * no hook, filter or link of the repository takes part. A file keeps its mode.
 *
 * @returns its id
 * @throws {Fault} `PATH_NOT_FILE` as `findFiles`, `GIT_FAILED`
 */
export async function makeCommit(repository: Repository, commit: NewCommit): Promise<string> {
  const made = await importCommit(repository, commit)
  const { signingKey } = commit
  return signingKey === undefined ? made : sign(repository, { ...commit, signingKey }, made)
}

async function importCommit(repository: Repository, commit: NewCommit): Promise<string> {
  const { parent, changes, message, author } = commit
  const paths = changes.map(({ path }) => path)
  const known = await findFiles(repository, parent, paths)
  const by = `${author.name} <${author.mail}> ${Math.floor(Date.now() / 1_000)} +0000`
  const parts = [
    `commit refs/mlgitops/next\nmark :1\nauthor ${by}\ncommitter ${by}\n`,
    ...data(Buffer.from(message)),
    `from ${parent}\n`,
    ...changes.flatMap(({ path, content }) => [
      `M ${known.get(path)?.mode ?? newFileMode} inline ${JSON.stringify(path)}\n`,
      ...data(content)
    ]),
    'get-mark :1\ndone\n'
  ]
  return gitText({
    ...repository,
    args: ['fast-import', '--quiet', '--done', '--force', '--cat-blob-fd=1'],
    input: Buffer.concat(parts.map(part => Buffer.from(part)))
  })
}

function data(content: Buffer): readonly (string | Buffer)[] {
  return [`data ${content.length}\n`, content, '\n']
}

/** The same commit with a signature, which git makes with the key. */
async function sign(
  repository: Repository,
  { parent, message, author, signingKey }: NewCommit & { readonly signingKey: string },
  made: string
): Promise<string> {
  const settings = ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${signingKey}`]
  return gitText({
    ...repository,
    args: [...settings, 'commit-tree', '-S', '-p', parent, '-F', '-', `${made}^{tree}`],
    input: message,
    variables: {
      ...repository.variables,
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.mail,
      GIT_COMMITTER_NAME: author.name,
      GIT_COMMITTER_EMAIL: author.mail
    }
  })
}
