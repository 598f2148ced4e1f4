import path from 'node:path'
import { UsageError } from '../common/command.ts'
import type { CommandInput, CommandResult } from '../common/command.ts'
import { readOptions } from '../common/options.ts'
import { announceValues } from './announcement.ts'
import { argocdOrigin } from './origin/argocd.ts'
import { argocdVariables } from './origin/argocd-variables.ts'
import { readProject } from './render.ts'
import { RepositoryTree } from './repository/tree.ts'
import * as sources from './sources.ts'
import { assignValues } from './values/assign.ts'

/** What `mlgitops parameters --help` prints. */
export const parametersUsage = `Usage: mlgitops parameters [PATH]

Prints the parameters that values.schema.json describes, as a JSON list for Argo CD's UI.
plugin.yaml adds the parameter environment, which every application path has.
`

/** Argo CD passes no revision here; values that depend on one are not announced. */
const noRevision = 'streamed'

/** `mlgitops parameters`. @throws {Fault} for the repository's files; {@link UsageError} */
export function parametersCommand({ args, env, folder }: CommandInput): CommandResult {
  const { positionals, isHelp } = readOptions({}, { args })
  if (isHelp) return { stdout: parametersUsage, stderr: '', exitCode: 0 }
  const [target = '.', more] = positionals
  if (more !== undefined) throw new UsageError('parameters takes one PATH')
  const origin = argocdOrigin(
    { ...env, [argocdVariables.revision.name]: noRevision },
    path.resolve(folder, target)
  )
  const { root, context, environment } = origin
  const tree = new RepositoryTree(root, treePath =>
    path.posix.relative(context.sourcePath, treePath)
  )
  const project = readProject(tree, context.sourcePath)
  const known = sources.knownEnvironments(tree, context.sourcePath, project)
  const chosen = known.find(name => name === environment)
  const paths = sources.valueFilePaths(tree, context.sourcePath, project, chosen)
  const values = assignValues(sources.readValueFiles(tree, paths), [])
  const announced = sources
    .readValuesSchemas(tree, sources.valueFolders(context.sourcePath))
    .flatMap(({ schema }) => announceValues(schema, values))
  return { stdout: `${JSON.stringify(announced)}\n`, stderr: '', exitCode: 0 }
}
