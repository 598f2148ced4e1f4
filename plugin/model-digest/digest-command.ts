import path from 'node:path'
import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { Fault } from '../../common/fault.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { sourceControllerFiles, workTreeFiles } from '../origin/work-tree-files.ts'
import { applicationFolder, exportedRoot, workTreeAround } from '../origin/work-tree.ts'
import { readProject } from '../render.ts'
import { RepositoryTree } from '../repository/tree.ts'
import { evidenceFiles } from '../sources.ts'
import { digestOptions } from './digest-options.ts'
import { modelDigest } from './model-digest.ts'

/** What `mlgitops digest --help` prints. */
export const digestUsage = (): string => `Usage: mlgitops digest [PATH] [options]

Prints the digest of the files of an application path (default: this folder) without its bias audit, for
modelDigest of the audit (mlgitops audit --model-digest). In a Git work tree these are the files that Git
tracks or would add, as they are now; elsewhere all files.

${optionLines(digestOptions)}`

/** `mlgitops digest`. @throws {Fault} as {@link modelDigest}; {@link UsageError} */
export async function digestCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(digestOptions, { args })
  if (isHelp) return { stdout: digestUsage(), stderr: '', exitCode: 0 }
  const [target = '.', more] = positionals
  if (more !== undefined) throw new UsageError('digest takes one PATH')
  const application = applicationFolder({ path: target, callerFolder: folder })
  const workTree = await workTreeAround(application)
  const root = workTree ?? exportedRoot(folder, application)
  const sourcePath = path.relative(root, application).split(path.sep).join('/') || '.'
  const tree = new RepositoryTree(root, treePath => path.posix.relative(sourcePath, treePath))
  const digest = modelDigest({
    tree,
    sourcePath,
    evidenceFiles: evidenceFiles(tree, sourcePath, readProject(tree, sourcePath)),
    known: await knownFiles(workTree, sourcePath, given.flux)
  })
  return { stdout: `${digest}\n`, stderr: '', exitCode: 0 }
}

async function knownFiles(
  workTree: string | undefined,
  sourcePath: string,
  isForFlux: boolean
): Promise<readonly string[] | undefined> {
  if (workTree !== undefined) {
    return isForFlux
      ? sourceControllerFiles(workTree, sourcePath)
      : workTreeFiles(workTree, sourcePath)
  }
  if (!isForFlux) return undefined
  throw new Fault('MODEL_DIGEST_SOURCE', '--flux needs a Git work tree', {
    remedy: 'Omit --flux: the files of an unpacked artifact are digested as they are.'
  })
}
