import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { commits, gatorVersion, podSecurityVersion } from './versions.ts'

/** Objects and policies of somebody else. */
export interface Corpus {
  readonly name: string
  readonly folder: string
  /** Globs of the files with objects. */
  readonly objects: readonly string[]
}

/** A repository at a commit, which is fetched once. */
interface Repository {
  readonly url: string
  readonly commit: string
  readonly objects: readonly string[]
}

const repositories = {
  'gatekeeper-library': {
    url: 'https://github.com/open-policy-agent/gatekeeper-library',
    commit: commits['gatekeeper-library'],
    objects: ['library/*/*/samples/*/!(constraint|update).yaml']
  },
  'kyverno-policies': {
    url: 'https://github.com/kyverno/policies',
    commit: commits['kyverno-policies'],
    objects: ['*/**/.kyverno-test/*.yaml', '*/**/.chainsaw-test/*.yaml']
  }
} as const satisfies Record<string, Repository>

/** The name of a repository. */
export type RepositoryName = keyof typeof repositories

const podSecurity = `k8s.io/pod-security-admission@${podSecurityVersion}`
/** Where sources and programs are kept. */
export const cache = path.join(
  process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'),
  'mlgitops/corpora'
)

/** The programs of the peers, each absent if it could not be built. */
export interface Programs {
  readonly gator: string | undefined
  readonly kyverno: string | undefined
  readonly podSecurity: string | undefined
}

/**
 * Fetches the corpora.
 *
 * @param mirrors folders of clones to fetch from in place of GitHub
 */
export function fetchCorpora(
  mirrors: Readonly<Partial<Record<RepositoryName, string | undefined>>>
): Corpus[] {
  const cloned = Object.entries(repositories).map(([name, { url, commit, objects }]) => {
    const folder = path.join(cache, name, commit)
    if (!existsSync(path.join(folder, '.git/FETCH_HEAD'))) {
      mkdirSync(folder, { recursive: true })
      must('git', ['init', '--quiet'], folder)
      const from = mirrors[name as RepositoryName] ?? url
      must('git', ['fetch', '--quiet', '--depth', '1', from, commit], folder)
      must('git', ['checkout', '--quiet', 'FETCH_HEAD'], folder)
    }
    return { name, folder, objects }
  })
  const module = JSON.parse(must('go', ['mod', 'download', '-json', podSecurity], cache)) as {
    readonly Dir: string
  }
  const objects = ['test/testdata/*/*/*/*.yaml']
  return [...cloned, { name: 'pod-security', folder: module.Dir, objects }]
}

/** How each program is built: by its module, or by a go.mod of ours beside this file. */
const recipes = {
  gator: {
    folder: '.',
    command: `github.com/open-policy-agent/gatekeeper/v3/cmd/gator@${gatorVersion}`
  },
  // Its own go.mod replaces modules, which `go install` refuses.
  'kubectl-kyverno': {
    folder: 'kyverno',
    command: 'github.com/kyverno/kyverno/cmd/cli/kubectl-kyverno'
  },
  'pod-security': { folder: 'pod-security', command: '.' }
} as const

/** Builds the programs that are missing; the first time takes about 30 minutes on two cores. */
export function buildPrograms(): Programs {
  return {
    gator: build('gator'),
    kyverno: build('kubectl-kyverno'),
    podSecurity: build('pod-security')
  }
}

function build(name: keyof typeof recipes): string | undefined {
  const folder = path.join(cache, 'bin')
  const program = path.join(folder, name)
  if (existsSync(program)) return program
  const { folder: module, command } = recipes[name]
  mkdirSync(folder, { recursive: true })
  process.stderr.write(`building ${name} ...\n`)
  const { status, stderr } = spawnSync('go', ['install', command], {
    cwd: path.join(import.meta.dirname, module),
    env: { ...process.env, GOBIN: folder },
    encoding: 'utf8'
  })
  if (status === 0) return program
  process.stderr.write(`${name} cannot be built:\n${stderr}\n`)
  return undefined
}

function must(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' })
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}
