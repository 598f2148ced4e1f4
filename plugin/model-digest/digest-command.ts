import path from 'node:path'
import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { Fault } from '../../common/fault.ts'
import { optionLines, readOptions } from '../../common/options.ts'
import { collectSources } from '../model-sources/collect-sources.ts'
import type { ListFiles } from '../model-sources/collect-sources.ts'
import { selectSources } from '../model-sources/select-sources.ts'
import { absentFile, notCheckedOut } from '../origin/absent-files.ts'
import { sourceControllerFiles, workTreeFiles } from '../origin/work-tree-files.ts'
import { applicationFolder, exportedRoot, workTreeAround } from '../origin/work-tree.ts'
import { readProject } from '../render.ts'
import { RepositoryTree } from '../repository/tree.ts'
import { digestOptions } from './digest-options.ts'
import { digestOf, modelList, refuseEmpty } from './model-digest.ts'

/** What `mlgitops digest --help` prints. */
export const digestUsage = (): string => `Usage: mlgitops digest [PATH] [options]

Prints the digest of the model of an application path (default: this folder): of the files and values that
model in mlgitops.yaml names, by default the files of the path without its bias audit, value files and
manifests that run nothing. In a Git work tree these are the files that Git tracks or would add, as they are
now; elsewhere all files. An audit names it as modelDigest (mlgitops audit --model-digest).

${optionLines(digestOptions)}`

/** `mlgitops digest`. @throws {Fault} as `collectSources` and {@link modelList}; {@link UsageError} */
export async function digestCommand({ args, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp } = readOptions(digestOptions, { args })
  if (isHelp) return { stdout: digestUsage(), stderr: '', exitCode: 0 }
  const [target = '.', more] = positionals
  if (more !== undefined) throw new UsageError('digest takes one PATH')
  const application = applicationFolder({ path: target, callerFolder: folder })
  const workTree = await workTreeAround(application)
  if (workTree === undefined && given.flux) throw withoutWorkTree()
  const root = workTree ?? exportedRoot(folder, application)
  const sourcePath = path.relative(root, application).split(path.sep).join('/') || '.'
  const tree = new RepositoryTree(root, treePath => path.posix.relative(sourcePath, treePath))
  const project = readProject(tree, sourcePath)
  const sources = await checkedOut(tree, async () => {
    const selection = selectSources(tree, sourcePath, project)
    return collectSources(tree, selection, listIn(workTree, given.flux))
  })
  refuseEmpty(tree, sources)
  const list = modelList(tree, sources)
  return {
    stdout: given.list ? list : `${digestOf(list)}\n`,
    stderr: [...project.warnings, ...sources.warnings]
      .map(warning => `mlgitops: warning: ${warning}\n`)
      .join(''),
    exitCode: 0
  }
}

/** A file that is not checked out can be the cause of any fault. */
async function checkedOut<Result>(
  tree: RepositoryTree,
  action: () => Promise<Result>
): Promise<Result> {
  const [result] = await Promise.allSettled([action()])
  const absent = await absentFile(tree.root, tree.reach)
  if (absent !== undefined) throw notCheckedOut(absent, tree.nameOf(absent.file))
  if (result.status === 'rejected') throw result.reason
  return result.value
}

function listIn(workTree: string | undefined, isForFlux: boolean): ListFiles {
  if (workTree === undefined) return () => Promise.resolve(undefined)
  const list = isForFlux ? sourceControllerFiles : workTreeFiles
  return (roots, isWanted) => list(workTree, roots, isWanted)
}

function withoutWorkTree(): Fault {
  return new Fault('MODEL_DIGEST_SOURCE', '--flux needs a Git work tree', {
    remedy: 'Omit --flux: the files of an unpacked artifact are digested as they are.'
  })
}
