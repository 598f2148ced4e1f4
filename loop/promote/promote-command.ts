import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { environmentName, modelName } from '../registry/names.ts'
import { proposalText } from '../registry/proposal-text.ts'
import { withBranch } from '../with-branch.ts'
import { writerSettings } from '../writer-settings.ts'
import { promoteOptions } from './promote-options.ts'
import { promote } from './promote.ts'

/** What `mlgitops promote --help` prints. */
export const promoteUsage = `Usage: mlgitops promote MODEL --to ENV --repo URL|DIR [options]

Copies the registry entry of an environment to another one, on a branch for a pull request:
mlgitops/promote/MODEL/ENV/… . Prints its title and body.

${optionLines(promoteOptions)}`

/** `mlgitops promote`. @throws {UsageError} @throws {Fault} as `promote` */
export async function promoteCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(promoteOptions, { args })
  if (isHelp) return { stdout: promoteUsage, stderr: '', exitCode: 0 }
  const [model, more] = positionals
  if (model === undefined || more !== undefined) throw new UsageError('promote takes one MODEL')
  if (given.to === undefined) throw new UsageError('--to is needed')
  if (given.to === given.from) throw new UsageError('--to and --from are the same environment')
  const request = {
    model: modelName(model),
    from: environmentName(given.from, '--from'),
    to: environmentName(given.to, '--to'),
    isProofNeeded: given.check,
    isArtifactChecked: !given['no-artifact-check']
  }
  const settings = writerSettings(given, folder)
  return withBranch(settings, 'tree:0', async branch => {
    const promoted = await promote(branch, { ...settings, ...request })
    if (promoted.kind === 'proposed') {
      return { stdout: proposalText(promoted, given.output), stderr: '', exitCode: 0 }
    }
    const text = given.output === 'json' ? `${JSON.stringify({ pushed: false })}\n` : ''
    const note = `mlgitops promote: ${promoted.file} has this model already\n`
    return { stdout: text, stderr: note, exitCode: 0 }
  })
}
