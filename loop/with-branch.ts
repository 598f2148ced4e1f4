import { RemoteBranch } from './git/remote-branch.ts'
import type { Filter } from './git/remote-branch.ts'
import type { WriterSettings } from './writer-settings.ts'

/**
 * Opens the branch of a command, and removes its temporary repository however the command ends.
 *
 * @throws {Fault} as `RemoteBranch.open`, and what `action` throws
 */
export async function withBranch<Result>(
  { remote, branchName, variables }: Pick<WriterSettings, 'remote' | 'branchName' | 'variables'>,
  filter: Filter,
  action: (branch: RemoteBranch) => Promise<Result>
): Promise<Result> {
  const branch = await RemoteBranch.open({ remote, branch: branchName, variables, filter })
  try {
    return await action(branch)
  } finally {
    await branch.close()
  }
}
