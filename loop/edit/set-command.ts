import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { readAssignment } from './assignment.ts'
import { commitFiles } from './commit-files.ts'
import { editFiles } from './edit-files.ts'
import type { SetField } from './edit-files.ts'
import { fieldPathText } from './field-path.ts'
import { readLocal, writeLocal } from './local-files.ts'
import { setOptions } from './set-options.ts'

/** What `mlgitops set --help` prints. */
export const setUsage = `Usage: mlgitops set FILE:PATH=VALUE... [options]

Sets fields of YAML files that people wrote, and changes no other character: comments, order, quotes and line ends
stay. PATH has dots (a.b.c) and list indices (a.0.b or a[0].b); FILE#2:PATH is the second document. A field has to
be there and keeps its type where VALUE can have it. If an edit cannot be proved, nothing is written.

${optionLines(setOptions)}`

/** `mlgitops set`. @throws {UsageError} @throws {Fault} as `editFiles`, and `FILE_UNWRITABLE`, `GIT_FAILED` */
export async function setCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(setOptions, { args })
  if (isHelp) return { stdout: setUsage, stderr: '', exitCode: 0 }
  if (positionals.length === 0) throw new UsageError('set needs FILE:PATH=VALUE')
  const fields: SetField[] = []
  const changes = await editFiles(
    positionals.map(readAssignment),
    file => Promise.resolve(readLocal(folder, file)),
    field => fields.push(field)
  )
  return written(folder, changes, { fields, message: given.commit })
}

/** Writes the changed files, commits them if asked to, and says what was set. */
export async function written(
  folder: string,
  changes: Awaited<ReturnType<typeof editFiles>>,
  {
    fields,
    message
  }: { readonly fields: readonly SetField[]; readonly message: string | undefined }
): Promise<CommandResult> {
  writeLocal(folder, changes)
  const lines = fields.map(
    ({ assignment, where, isChanged }) =>
      `${where}: ${fieldPathText(assignment.path)} ${isChanged ? 'set' : 'is as asked'}\n`
  )
  if (message !== undefined && changes.length > 0) {
    const commit = await commitFiles(
      folder,
      changes.map(({ path }) => path),
      message
    )
    lines.push(`committed ${commit}\n`)
  }
  const warnings = fields.flatMap(({ where, lostType }) =>
    lostType === undefined ? [] : [`${where}: the field was a ${lostType} and is text now`]
  )
  return {
    stdout: lines.join(''),
    stderr: warnings.map(warning => `mlgitops: warning: ${warning}\n`).join(''),
    exitCode: 0
  }
}
