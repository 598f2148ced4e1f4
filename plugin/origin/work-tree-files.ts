import { existsSync, lstatSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Fault } from '../../common/fault.ts'
import { guarded } from '../system-fault.ts'
import { gitOutput } from './git.ts'

/**
 * The files below a folder of a work tree that Git tracks or would add, by tree path, including deleted
 * ones. A repository inside the repository is one entry.
 *
 * @throws {Fault} `GIT_FAILED`; `MODEL_DIGEST_FILE` for a file that a sparse checkout leaves out
 */
export async function workTreeFiles(root: string, folder: string): Promise<readonly string[]> {
  const entries = await listed(
    root,
    ['-t', '--cached', '--others', '--exclude-standard'],
    [pathspecOf(folder)]
  )
  const files = entries.map(entry => entry.slice(2))
  const missing = entries.find(entry => entry.startsWith(skipped) && !exists(root, entry))
  if (missing === undefined) return [...new Set(files.map(file => file.replace(/\/$/, '')))]
  throw new Fault('MODEL_DIGEST_FILE', 'a sparse checkout excludes a file of the model', {
    where: missing.slice(2),
    remedy: 'git sparse-checkout disable'
  })
}

/**
 * The part of {@link workTreeFiles} that source-controller puts into its artifact: without the files that
 * `.sourceignore` files exclude (by default its own list), and without links.
 * Source: fluxcd/pkg artifact/storage/archive.go and sourceignore/sourceignore.go.
 *
 * @throws {Fault} as {@link workTreeFiles}
 */
export async function sourceControllerFiles(
  root: string,
  folder: string
): Promise<readonly string[]> {
  const everywhere = [':(top,glob)**/.sourceignore']
  const rules = await listed(root, ['--cached', '--others', '--exclude-standard'], everywhere)
  const patterns = rules.some(file => hasPattern(root, file))
    ? versionControl
    : [...versionControl, ...byDefault]
  const ignored = [
    '--ignored',
    ...patterns.map(pattern => `--exclude=${pattern}`),
    '--exclude-per-directory=.sourceignore'
  ]
  const [files, tracked, others] = await Promise.all([
    workTreeFiles(root, folder),
    listed(root, ['--cached', ...ignored], [pathspecOf(folder)]),
    listed(root, ['--others', ...ignored], [pathspecOf(folder)])
  ])
  const left = new Set([...tracked, ...others])
  return files.filter(file => !left.has(file) && !isLink(root, file))
}

const versionControl = ['.git/', '.gitignore', '.gitmodules', '.gitattributes']
const byDefault = [
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml']
]

/** A pathspec that matches exactly one folder of a work tree. */
export function pathspecOf(folder: string): string {
  return folder === '.' ? ':(top)' : `:(top,literal)${folder}`
}

/** The tag of a file that is marked skip-worktree. Source: git-ls-files, option -t. */
const skipped = 'S '

function exists(root: string, entry: string): boolean {
  return existsSync(path.join(root, entry.slice(2)))
}

/** source-controller ignores a file that has only empty lines and comments. */
function hasPattern(root: string, file: string): boolean {
  const absolute = path.join(root, file)
  if (!existsSync(absolute)) return false
  return /^(?!#).*\S/m.test(guarded(file, () => readFileSync(absolute, 'utf8')))
}

function isLink(root: string, file: string): boolean {
  const absolute = path.join(root, file)
  try {
    return lstatSync(absolute).isSymbolicLink()
  } catch {
    return false
  }
}

async function listed(
  root: string,
  options: readonly string[],
  pathspecs: readonly string[]
): Promise<readonly string[]> {
  const output = await gitOutput(root, ['ls-files', '-z', ...options, '--', ...pathspecs])
  return output.split('\0').filter(entry => entry !== '')
}
