import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { callGit, gitFailed, gitText, messageOf } from './git-program.ts'
import type { GitCall, GitResult, Repository } from './git-program.ts'
import { readTreeFile } from './git-tree.ts'
import { makeCommit } from './make-commit.ts'
import type { NewCommit } from './make-commit.ts'
import type { RemoteAddress } from './remote-address.ts'

/**
 * How a push ended. `there`: the branch has this very commit, which another process made of the same input in the
 * same second. `lost`: the branch has moved, so the edit has to be made again. `cut`: the server did not say.
 */
export type PushResult =
  | { readonly kind: 'pushed' }
  | { readonly kind: 'there' }
  | { readonly kind: 'lost' }
  | { readonly kind: 'cut'; readonly fault: Fault }
  | { readonly kind: 'refused'; readonly reason: string }

/**
 * What is fetched at once: commits alone, or commits and trees, which a search for the changes of a path reads all.
 */
export type Filter = 'tree:0' | 'blob:none'

/** A branch to open. */
export interface BranchToOpen {
  readonly remote: RemoteAddress
  readonly branch: string
  /** Variables of git with credentials. */
  readonly variables?: Readonly<Record<string, string>>
  readonly filter: Filter
}

/**
 * A branch of a remote repository, fetched without files into a temporary bare repository. Objects that are read
 * are fetched when they are read, if the server allows it.
 */
export class RemoteBranch {
  readonly #folder: string
  readonly #remote: RemoteAddress
  readonly #branch: string
  readonly #variables: Readonly<Record<string, string>>
  readonly #filter: Filter
  #head = ''

  private constructor(folder: string, { remote, branch, variables = {}, filter }: BranchToOpen) {
    this.#folder = folder
    this.#remote = remote
    this.#branch = branch
    this.#variables = variables
    this.#filter = filter
  }

  /**
   * Fetches the branch. {@link RemoteBranch.close} removes the temporary repository.
   *
   * @throws {Fault} `BRANCH_ABSENT`, `GIT_FAILED`
   */
  static async open(asked: BranchToOpen): Promise<RemoteBranch> {
    const folder = await mkdtemp(path.join(tmpdir(), 'mlgitops-'))
    const opened = new RemoteBranch(folder, asked)
    try {
      await opened.#prepare()
      await opened.fetch()
      return opened
    } catch (error) {
      await opened.close()
      throw error
    }
  }

  /** The commit that the branch had when it was fetched last. */
  get head(): string {
    return this.#head
  }

  /** The folder of the temporary bare repository. */
  get folder(): string {
    return this.#folder
  }

  async #prepare(): Promise<void> {
    await gitText(this.#call(['init', '--quiet', '--bare', '--template=', '.']))
    const settings = {
      'remote.origin.url': this.#remote.url,
      'remote.origin.promisor': 'true',
      'remote.origin.partialclonefilter': 'blob:none'
    }
    for (const [name, value] of Object.entries(settings)) {
      await gitText(this.#call(['config', name, value]))
    }
  }

  /** Fetches the branch again. @throws {Fault} `BRANCH_ABSENT`, `GIT_FAILED` */
  async fetch(): Promise<void> {
    const reference = `refs/heads/${this.#branch}`
    const call = this.#call([
      'fetch',
      '--quiet',
      '--no-tags',
      `--filter=${this.#filter}`,
      '--no-write-fetch-head',
      'origin',
      `+${reference}:refs/remotes/origin/branch`
    ])
    const result = await callGit(call)
    if (result.exitCode !== 0) throw this.#fetchFault(call, result)
    this.#head = await gitText(this.#call(['rev-parse', 'refs/remotes/origin/branch']))
  }

  #fetchFault(call: GitCall, result: GitResult): Fault {
    if (result.stderr.includes("couldn't find remote ref")) {
      return new Fault('BRANCH_ABSENT', 'the repository has no such branch', {
        where: this.#remote.name,
        found: `no ${this.#branch}`,
        remedy: 'Name another one by --branch, or push a first commit to it.'
      })
    }
    return this.#renamed(gitFailed(call, result))
  }

  /** Messages name the repository as the caller did. */
  #renamed({ message, details }: Fault): Fault {
    const found = (details.found ?? '').replaceAll(this.#remote.url, this.#remote.name)
    return new Fault('GIT_FAILED', message, { where: this.#remote.name, found })
  }

  /** Reads a file of the branch; undefined if there is none. */
  read(file: string, commit = this.#head): Promise<Buffer | undefined> {
    return readTreeFile(this.#repository, commit, file)
  }

  /** Runs git in the temporary repository. @throws {Fault} `GIT_FAILED` */
  text(...args: readonly string[]): Promise<string> {
    return gitText(this.#call(args))
  }

  /** Runs git in the temporary repository and returns its exit code too. */
  call(...args: readonly string[]): Promise<GitResult> {
    return callGit(this.#call(args))
  }

  /** Runs git in the temporary repository with the objects that are there. */
  local(...args: readonly string[]): Promise<GitResult> {
    return callGit({
      ...this.#call(args),
      variables: { GIT_NO_LAZY_FETCH: '1', GIT_ALLOW_PROTOCOL: 'none' }
    })
  }

  /** Makes a commit that is not pushed yet. @returns its id @throws {Fault} as `makeCommit` */
  commit(commit: NewCommit): Promise<string> {
    return makeCommit(this.#repository, commit)
  }

  /**
   * Pushes a commit to a branch if that still has the commit `expected` (empty: if there is no such branch).
   */
  async push(commit: string, branch: string, expected: string): Promise<PushResult> {
    const reference = `refs/heads/${branch}`
    const call = this.#call([
      'push',
      '--porcelain',
      '--no-verify',
      `--force-with-lease=${reference}:${expected}`,
      'origin',
      `${commit}:${reference}`
    ])
    const result = await callGit(call)
    if (result.exitCode === 0) {
      return { kind: /^=\t/m.test(result.stdout.toString('utf8')) ? 'there' : 'pushed' }
    }
    const line =
      result.stdout
        .toString('utf8')
        .split('\n')
        .find(text => text.startsWith('!')) ?? ''
    const said = `${line}\n${result.stderr}`
    if (lostRace.test(said)) return { kind: 'lost' }
    if (line === '') return { kind: 'cut', fault: this.#renamed(gitFailed(call, result)) }
    const detail = messageOf(result.stderr)
    return {
      kind: 'refused',
      reason: [line.split('\t').at(-1) ?? '', detail].filter(Boolean).join('; ')
    }
  }

  /** The commit of another branch of the repository; undefined if there is none. @throws {Fault} `GIT_FAILED` */
  async remoteHead(name: string): Promise<string | undefined> {
    const text = await this.text('ls-remote', 'origin', `refs/heads/${name}`)
    return text === '' ? undefined : text.split('\t', 1)[0]
  }

  /** Removes the temporary repository. */
  async close(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }

  /** Objects that are not there are fetched with the same credentials. */
  get #repository(): Repository {
    return { folder: this.#folder, variables: this.#variables }
  }

  #call(args: readonly string[]): GitCall {
    return { ...this.#repository, args }
  }
}

/** What servers say when another push came first. Source: git, remote.c and receive-pack.c; GitLab's Gitaly. */
const lostRace =
  /\((?:non-fast-forward|fetch first|stale info)\)|cannot lock ref|incorrect old value provided|failed to update ref|reference already exists/
