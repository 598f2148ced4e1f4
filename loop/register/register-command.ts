import { readFileSync } from 'node:fs'
import path from 'node:path'
import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { Fault } from '../../common/fault.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { readAssignment } from '../edit/assignment.ts'
import { requireInside } from '../edit/edit-files.ts'
import { environmentName } from '../registry/names.ts'
import { withBranch } from '../with-branch.ts'
import { writerSettings } from '../writer-settings.ts'
import { register } from './register.ts'
import type { DigestAt, Registered } from './register.ts'
import { registerOptions } from './register-options.ts'
import { readTrainingResult } from './training-result.ts'

/** What `mlgitops register --help` prints. */
export const registerUsage = `Usage: mlgitops register --result FILE|- --repo URL|DIR --environment ENV [options]

Writes what a training run made to registry/MODEL/ENV.yaml in the repository, as a RegisteredModel with literal
values, by one commit. A run is registered once for its uid and environment, however often the command runs. First
it proves that the commit is known, that the artifact is there and has its digest, and that the metrics are
finite. Prints one line of JSON.

${optionLines(registerOptions)}`

/** `mlgitops register`. @throws {UsageError} @throws {Fault} as `register` and `readTrainingResult` */
export async function registerCommand(
  { args, folder }: CommandInput,
  digestAt: DigestAt
): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(registerOptions, { args })
  if (isHelp) return { stdout: registerUsage, stderr: '', exitCode: 0 }
  if (positionals.length > 0) throw new UsageError('register takes no arguments, only options')
  const { result: file, environment } = given
  if (file === undefined) throw new UsageError('--result is needed')
  if (environment === undefined) throw new UsageError('--environment is needed')
  const settings = writerSettings(given, folder)
  const request = {
    environment: environmentName(environment, '--environment'),
    isPullRequest: given['pull-request'],
    assignments: given.set.map(readAssignment),
    allowedParameters: given.parameter.length === 0 ? undefined : given.parameter,
    isArtifactChecked: !given['no-artifact-check'],
    path: given.path === undefined ? undefined : requireInside(given.path)
  }
  for (const assignment of request.assignments) requireInside(assignment.file)
  const result = readTrainingResult(readText(file, folder), file === '-' ? 'standard input' : file)
  const registered = await withBranch(settings, 'tree:0', branch =>
    register(branch, { ...settings, ...request, result }, digestAt)
  )
  return printed(registered)
}

function printed({
  commit,
  pushed,
  alreadyRegistered,
  file,
  pullRequest,
  warnings
}: Registered): CommandResult {
  const line = { commit, pushed, alreadyRegistered, file, ...pullRequest }
  return {
    stdout: `${JSON.stringify(line)}\n`,
    stderr: warnings.map(warning => `mlgitops: warning: ${warning}\n`).join(''),
    exitCode: 0
  }
}

function readText(file: string, folder: string): string {
  try {
    return readFileSync(file === '-' ? 0 : path.resolve(folder, file), 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `cannot be read (${code})`, { where: file })
  }
}
