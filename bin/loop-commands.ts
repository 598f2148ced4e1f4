import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CommandInput, CommandResult } from '../common/command.ts'
import type { RemoteBranch } from '../loop/git/remote-branch.ts'
import { registerCommand } from '../loop/register/register-command.ts'
import { digestCommand } from '../plugin/model-digest/digest-command.ts'

/** `mlgitops register` with the renderer's own digest of a model. */
export function registerWithDigest(input: CommandInput): Promise<CommandResult> {
  return registerCommand(input, digestAt)
}

/** Checks the commit out into a temporary folder, and digests the application path there. */
async function digestAt(branch: RemoteBranch, commit: string, target: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mlgitops-commit-'))
  try {
    await branch.text('worktree', 'add', '--quiet', '--detach', '--force', folder, commit)
    const { stdout } = await digestCommand({ args: [target], env: {}, folder })
    return stdout.trim()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
