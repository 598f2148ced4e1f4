import { Fault } from '../../common/fault.ts'
import type { RemoteBranch } from './remote-branch.ts'

/** A commit as other tools show it. */
export interface CommitFacts {
  readonly author: string
  /** RFC 3339. */
  readonly date: string
  readonly subject: string
  readonly body: string
}

/**
 * Finds a commit in the history of the branch, or in the repository if it is on another branch.
 *
 * @throws {Fault} `COMMIT_UNKNOWN`
 */
export async function commitFacts(branch: RemoteBranch, commit: string): Promise<CommitFacts> {
  if (!(await isKnown(branch, commit))) {
    await branch.call(
      'fetch',
      '--quiet',
      '--no-tags',
      '--filter=tree:0',
      '--no-write-fetch-head',
      'origin',
      commit
    )
    if (!(await isKnown(branch, commit))) {
      throw new Fault('COMMIT_UNKNOWN', 'the trained commit is not in the repository', {
        found: commit,
        remedy: 'Push the commit before it is trained, and give --repo the repository of the model.'
      })
    }
  }
  const text = await branch.text('log', '-1', '--format=%an <%ae>%x00%cI%x00%s%x00%b', commit)
  const [author = '', date = '', subject = '', body = ''] = text.split('\0')
  return { author, date, subject, body }
}

async function isKnown(branch: RemoteBranch, commit: string): Promise<boolean> {
  // Without the variable git would ask the server for each unknown object.
  const { exitCode } = await branch.local('cat-file', '-e', `${commit}^{commit}`)
  return exitCode === 0
}
