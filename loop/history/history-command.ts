import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { modelName } from '../registry/names.ts'
import { writerOptions } from '../writer-options.ts'
import { withBranch } from '../with-branch.ts'
import { writerSettings } from '../writer-settings.ts'
import { historyOptions } from './history-options.ts'
import { modelHistory } from './history.ts'
import type { ModelHistory } from './history.ts'

/** What `mlgitops history --help` prints. */
export const historyUsage = `Usage: mlgitops history MODEL --repo URL|DIR [options]

Prints which model each environment has had, from when to when: its version, commit, run, data and verdicts, read
from the registry entries in Git.

${optionLines(historyOptions)}`

/** `mlgitops history`. @throws {UsageError} @throws {Fault} as `modelHistory` */
export async function historyCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(historyOptions, { args })
  if (isHelp) return { stdout: historyUsage, stderr: '', exitCode: 0 }
  const [model, more] = positionals
  if (model === undefined || more !== undefined) throw new UsageError('history takes one MODEL')
  const unwritten = { author: writerOptions.author.default, 'signing-key': undefined }
  const settings = writerSettings({ ...given, ...unwritten }, folder)
  return withBranch(settings, 'blob:none', async opened => {
    const history = await modelHistory(opened, modelName(model))
    const stdout = given.output === 'json' ? `${JSON.stringify(history)}\n` : historyText(history)
    return { stdout, stderr: '', exitCode: 0 }
  })
}

function historyText({ model, entries }: ModelHistory): string {
  const lines = entries.map(
    ({ environment, version, from, until, modelDigest, gitCommit, commit }) => {
      const digest = (modelDigest ?? 'no digest').slice(0, 'sha256:'.length + 12)
      const trained = (gitCommit ?? 'unknown').slice(0, 12)
      return `${from}  ${until ?? 'now'}  ${environment}  ${version ?? 'no version'}  ${digest}  trained ${trained}, registered ${commit.slice(0, 12)}\n`
    }
  )
  return `${model}\n${lines.join('')}`
}
