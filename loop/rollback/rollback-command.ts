import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { environmentName, modelName } from '../registry/names.ts'
import { proposalText } from '../registry/proposal-text.ts'
import { withBranch } from '../with-branch.ts'
import { writerSettings } from '../writer-settings.ts'
import { rollbackOptions } from './rollback-options.ts'
import { rollback } from './rollback.ts'

/** What `mlgitops rollback --help` prints. */
export const rollbackUsage = `Usage: mlgitops rollback MODEL --environment ENV --repo URL|DIR [options]

Restores the registry entry that an environment had before, and the fields that were set with it, on a branch for
a pull request: mlgitops/rollback/MODEL/ENV/… . Prints its title and body.

${optionLines(rollbackOptions)}`

/** `mlgitops rollback`. @throws {UsageError} @throws {Fault} as `rollback` */
export async function rollbackCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(rollbackOptions, { args })
  if (isHelp) return { stdout: rollbackUsage, stderr: '', exitCode: 0 }
  const [model, more] = positionals
  if (model === undefined || more !== undefined) throw new UsageError('rollback takes one MODEL')
  if (given.environment === undefined) throw new UsageError('--environment is needed')
  const request = {
    model: modelName(model),
    environment: environmentName(given.environment, '--environment'),
    to: given.to,
    reason: given.reason
  }
  const settings = writerSettings(given, folder)
  return withBranch(settings, 'blob:none', async branch => {
    const proposed = await rollback(branch, { ...settings, ...request })
    return { stdout: proposalText(proposed, given.output), stderr: '', exitCode: 0 }
  })
}
