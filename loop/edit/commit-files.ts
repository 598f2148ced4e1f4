import path from 'node:path'
import { callGit, gitFailed } from '../git/git-program.ts'

/**
 * Commits these files of a work tree and nothing else that is staged or changed. Hooks do not run.
 *
 * @returns the id of the commit
 * @throws {Fault} `GIT_FAILED`
 */
export async function commitFiles(
  folder: string,
  files: readonly string[],
  message: string
): Promise<string> {
  const [first = ''] = files
  const root = await git(path.dirname(path.resolve(folder, first)), [
    'rev-parse',
    '--show-toplevel'
  ])
  const inside = files.map(file => path.relative(root, path.resolve(folder, file)))
  await git(
    root,
    ['commit', '--quiet', '--no-verify', '--only', '-F', '-', '--', ...inside.map(literal)],
    message
  )
  return git(root, ['rev-parse', 'HEAD'])
}

function literal(file: string): string {
  return `:(literal)${file}`
}

async function git(folder: string, args: readonly string[], input = ''): Promise<string> {
  const call = { folder, args, input }
  const result = await callGit(call)
  if (result.exitCode !== 0) throw gitFailed(call, result)
  return result.stdout.toString('utf8').trim()
}
