import { createHash } from 'node:crypto'
import { Fault } from '../../common/fault.ts'
import type { RemoteBranch } from '../git/remote-branch.ts'

/** A branch for a pull request. */
export interface Proposal {
  readonly branch: string
  readonly commit: string
  /** False if the branch was there already. */
  readonly pushed: boolean
}

/** What a proposal is for. */
export interface ProposalSubject {
  readonly verb: 'register' | 'promote' | 'rollback'
  readonly model: string
  readonly environment: string
  /** What the proposal would write. The same content has the same branch, so it is proposed once. */
  readonly content: string
}

/**
 * Pushes a commit to a branch of its own, named by its content.
 *
 * @param makeCommit is called if there is no such branch
 * @throws {Fault} `PUSH_REFUSED`, `GIT_FAILED`
 */
export async function propose(
  branch: RemoteBranch,
  { verb, model, environment, content }: ProposalSubject,
  makeCommit: () => Promise<string>
): Promise<Proposal> {
  const key = createHash('sha256').update(content).digest('hex').slice(0, 12)
  const name = `mlgitops/${verb}/${model}/${environment}/${key}`
  const there = await branch.remoteHead(name)
  if (there !== undefined) return { branch: name, commit: there, pushed: false }
  const commit = await makeCommit()
  const pushed = await branch.push(commit, name, '')
  switch (pushed.kind) {
    case 'pushed':
      return { branch: name, commit, pushed: true }
    case 'there':
      return { branch: name, commit, pushed: false }
    case 'refused':
      throw refused(name, pushed.reason)
    case 'cut':
    case 'lost': {
      const other = await branch.remoteHead(name)
      if (other !== undefined) return { branch: name, commit: other, pushed: other === commit }
      throw pushed.kind === 'cut' ? pushed.fault : refused(name, 'another push came first')
    }
  }
}

function refused(branch: string, reason: string): Fault {
  return new Fault('PUSH_REFUSED', 'the repository refuses the push', {
    where: branch,
    found: reason,
    remedy: 'Allow this user to push branches below mlgitops/.'
  })
}
