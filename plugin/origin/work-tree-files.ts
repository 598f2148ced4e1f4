import { existsSync, lstatSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { guarded } from '../system-fault.ts'
import { notCheckedOut } from './absent-files.ts'
import { gitOutput } from './git.ts'

/**
 * The wanted files below folders (or with these paths) that Git tracks or would add, by tree path, including
 * deleted ones; with those of submodules and of other repositories in the work tree. A submodule that is
 * not checked out is one entry.
 *
 * @throws {Fault} `GIT_FAILED`; `FILE_NOT_CHECKED_OUT` for a file that a sparse checkout leaves out
 */
export async function workTreeFiles(
  root: string,
  roots: readonly string[],
  isWanted: (file: string) => boolean
): Promise<readonly string[]> {
  const options = ['-t', '-s', '--cached', '--others', '--exclude-standard']
  const entries = (await listed(root, options, roots.map(pathspecOf))).map(entryOf)
  const missing = entries.find(
    ({ tag, file }) => tag === skipped && isWanted(file) && !existsSync(path.join(root, file))
  )
  if (missing !== undefined) {
    throw notCheckedOut({ kind: 'sparse', file: missing.file }, missing.file)
  }
  const files = new Set(entries.map(({ file }) => file))
  const nested = entries
    .filter(({ isRepository, file }) => isRepository && hasGit(path.join(root, file)))
    .map(({ file }) => file)
  const below = await Promise.all(
    nested.map(async folder => {
      const inside = (file: string) => `${folder}/${file}`
      const found = await workTreeFiles(path.join(root, folder), ['.'], file =>
        isWanted(inside(file))
      )
      return found.map(inside)
    })
  )
  for (const folder of nested) files.delete(folder)
  return [...files].filter(isWanted).concat(...below)
}

interface Entry {
  readonly tag: string
  readonly file: string
  /** A submodule, or a repository that Git does not track. */
  readonly isRepository: boolean
}

/** An entry of `git ls-files -t -s`: untracked files have no mode. */
function entryOf(entry: string): Entry {
  const [, tag = '', mode = '', file = entry.slice(2)] =
    /^([^?]) (\d+) [0-9a-f]+ \d\t([^]*)$/.exec(entry) ?? []
  return {
    tag,
    file: file.replace(/\/$/, ''),
    isRepository: mode === gitlink || file.endsWith('/')
  }
}

const gitlink = '160000'

function hasGit(folder: string): boolean {
  return existsSync(path.join(folder, '.git'))
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
  roots: readonly string[],
  isWanted: (file: string) => boolean
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
  const pathspecs = roots.map(pathspecOf)
  const [files, tracked, others] = await Promise.all([
    workTreeFiles(root, roots, isWanted),
    listed(root, ['--cached', ...ignored], pathspecs),
    listed(root, ['--others', ...ignored], pathspecs)
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
const skipped = 'S'

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
