import { Fault } from '../../common/fault.ts'
import { checkArtifact } from '../artifact/check-artifact.ts'
import type { Assignment } from '../edit/assignment.ts'
import { editFiles } from '../edit/edit-files.ts'
import type { FileChange } from '../git/make-commit.ts'
import type { Person } from '../git/make-commit.ts'
import type { RemoteBranch } from '../git/remote-branch.ts'
import { commitFacts } from '../git/trained-commit.ts'
import type { CommitFacts } from '../git/trained-commit.ts'
import { writeBranch } from '../git/write-branch.ts'
import type { Attempt } from '../git/write-branch.ts'
import { registerBody, registerMessage, registrationId, subjectOf } from './commit-message.ts'
import { findRegistration, isEntryOf } from './find-registration.ts'
import { entryFile, entryText } from '../registry/entry.ts'
import { propose } from '../registry/propose.ts'
import { entryOf } from './registry-entry.ts'
import type { Registration } from './registry-entry.ts'
import { safeParameters } from './safe-parameters.ts'
import type { TrainingResult } from './training-result.ts'

/** The digest of the model of an application path of a commit. */
export type DigestAt = (branch: RemoteBranch, commit: string, path: string) => Promise<string>

/** What to register, and how. */
export interface RegisterRequest {
  readonly result: TrainingResult
  readonly environment: string
  readonly branchName: string
  readonly isPullRequest: boolean
  readonly assignments: readonly Assignment[]
  readonly author: Person
  readonly signingKey: string | undefined
  readonly allowedParameters: readonly string[] | undefined
  readonly isArtifactChecked: boolean
  /** Undefined for `models/MODEL` if the result has no digest. */
  readonly path: string | undefined
  /** The address for messages of other tools; undefined for a folder. */
  readonly repository: string | undefined
}

/** What `mlgitops register` prints. */
export interface Registered {
  readonly commit: string
  readonly pushed: boolean
  readonly alreadyRegistered: boolean
  readonly file: string
  /** The branch for a pull request, with a title and a body for it. */
  readonly pullRequest?: { readonly branch: string; readonly title: string; readonly body: string }
  readonly warnings: readonly string[]
}

/**
 * Registers what a training run made, once for its uid and environment.
 *
 * @throws {Fault} what it proves first: `COMMIT_UNKNOWN`, `MODEL_DIGEST_DIFFERS`, those of the artifact; then
 *   `PUSH_REFUSED`, `PUSH_CONTENDED`, and those of edits
 */
export async function register(
  branch: RemoteBranch,
  request: RegisterRequest,
  digestAt: DigestAt
): Promise<Registered> {
  const { result, environment } = request
  const id = registrationId(result.run.uid, environment)
  const file = entryFile(result.model, environment)
  const known = await findRegistration(branch, id)
  if (known !== undefined) return already(known, file)
  if (isEntryOf(await branch.read(file), result.run.uid)) return already(branch.head, file)
  const facts = await commitFacts(branch, result.commit)
  const { kept, leftOut } = safeParameters(result.parameters ?? {}, request.allowedParameters)
  const registration: Registration = {
    result,
    environment,
    modelDigest: await modelDigestOf(branch, request, digestAt),
    artifactDigest: request.isArtifactChecked
      ? await checkArtifact(result.artifact.uri, result.artifact.digest)
      : result.artifact.digest,
    parameters: kept
  }
  const warnings = leftOut.map(
    name => `parameter ${JSON.stringify(name)} is not written: --parameter NAME allows it`
  )
  const registered = await new Registrar(branch, request, registration, facts).write(id)
  return { ...registered, warnings: [...warnings, ...registered.warnings] }
}

async function modelDigestOf(
  branch: RemoteBranch,
  { result, path }: RegisterRequest,
  digestAt: DigestAt
): Promise<string> {
  const { model, modelDigest, commit } = result
  if (modelDigest !== undefined && path === undefined) return modelDigest
  const found = await digestAt(branch, commit, path ?? `models/${model}`)
  if (modelDigest !== undefined && modelDigest !== found) {
    throw new Fault('MODEL_DIGEST_DIFFERS', 'the trained commit has another model', {
      where: path ?? `models/${model}`,
      found,
      expected: modelDigest,
      remedy: 'Name the path of the model by --path, or the commit that was trained.'
    })
  }
  return found
}

function already(commit: string, file: string): Registered {
  return { commit, pushed: false, alreadyRegistered: true, file, warnings: [] }
}

/** Writes one registration to the branch, or to a branch of its own. */
class Registrar {
  readonly #branch: RemoteBranch
  readonly #request: RegisterRequest
  readonly #registration: Registration
  readonly #facts: CommitFacts
  /** The commit whose history does not have the registration. */
  #searched: string

  constructor(
    branch: RemoteBranch,
    request: RegisterRequest,
    registration: Registration,
    facts: CommitFacts
  ) {
    this.#branch = branch
    this.#request = request
    this.#registration = registration
    this.#facts = facts
    this.#searched = branch.head
  }

  async write(id: string): Promise<Registered> {
    const { branchName, isPullRequest } = this.#request
    if (isPullRequest) return this.#propose(id)
    const written = await writeBranch(this.#branch, branchName, unsure => this.#attempt(id, unsure))
    if (written.kind === 'there') return already(written.result.commit, this.#file)
    if (written.kind !== 'refused') return written.result
    if (written.reason.includes('currently checked out')) throw checkedOut(branchName)
    const proposed = await this.#propose(id, written.commit)
    return { ...proposed, warnings: [`${branchName} refuses the push: ${written.reason}`] }
  }

  /** @param unsure a commit of ours whose push was cut off: the branch may have it */
  async #attempt(id: string, unsure: string | undefined): Promise<Attempt<Registered>> {
    const known = await findRegistration(this.#branch, id, this.#searched)
    this.#searched = this.#branch.head
    if (known !== undefined) {
      const result = known === unsure ? this.#registered(known) : already(known, this.#file)
      return { kind: 'done', result }
    }
    const commit = await this.#commit()
    return { kind: 'push', commit, result: this.#registered(commit) }
  }

  async #commit(): Promise<string> {
    const { assignments, author, signingKey, isArtifactChecked, repository } = this.#request
    const entry: FileChange = {
      path: this.#file,
      content: Buffer.from(entryText(entryOf(this.#registration)))
    }
    return this.#branch.commit({
      parent: this.#branch.head,
      changes: [entry, ...(await editFiles(assignments, file => this.#branch.read(file)))],
      message: registerMessage(
        this.#registration,
        { ...this.#facts, repository },
        isArtifactChecked
      ),
      author,
      signingKey
    })
  }

  async #propose(id: string, made?: string): Promise<Registered> {
    const { result, environment } = this.#registration
    const content = `${id}\n${entryText(entryOf(this.#registration))}`
    const subject = { verb: 'register', model: result.model, environment, content } as const
    const { branch, commit, pushed } = await propose(this.#branch, subject, () =>
      made === undefined ? this.#commit() : Promise.resolve(made)
    )
    const pullRequest = {
      branch,
      title: subjectOf(this.#registration),
      body: registerBody(this.#registration)
    }
    const registered = pushed ? this.#registered(commit) : already(commit, this.#file)
    return { ...registered, pullRequest }
  }

  #registered(commit: string): Registered {
    return { commit, pushed: true, alreadyRegistered: false, file: this.#file, warnings: [] }
  }

  get #file(): string {
    return entryFile(this.#registration.result.model, this.#registration.environment)
  }
}

function checkedOut(branch: string): Fault {
  return new Fault('BRANCH_CHECKED_OUT', 'the branch is checked out in the work tree of --repo', {
    where: branch,
    remedy:
      'Give a bare repository, an address, or a work tree that has another branch checked out.'
  })
}
