import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import type { CommandInput, CommandResult } from '../common/command.ts'
import { Fault } from '../common/fault.ts'
import { readSigningKey } from '../evidence/attestation/key.ts'
import type { Key } from '../evidence/attestation/key.ts'
import { kustomizeIn } from './kustomize/build.ts'
import { argocdOrigin, isUnderArgocd } from './origin/argocd.ts'
import type { ProcessEnvironment } from './origin/argocd.ts'
import type { Origin } from './origin/origin.ts'
import { localOrigin } from './origin/work-tree.ts'
import { outputFormats, printManifests } from './output.ts'
import { render } from './render.ts'
import { RepositoryTree } from './repository/tree.ts'
import { readValues } from './sources.ts'
import { UsageError } from './usage.ts'
import { splitAssignment } from './values/assignment.ts'
import { parseKeyPath } from './values/key-path.ts'

/** What `mlgitops render --help` prints. */
export const renderUsage = `Usage: mlgitops render [PATH] [options]

Renders the manifests of an application path (default: this folder) at a Git commit and prints them.
Under Argo CD everything comes from its environment; locally it comes from Git.

  --environment NAME   an environment: a file configs/NAME.yaml, or a name in mlgitops.yaml
  --values FILE        one more value file, over the repository's; may be repeated
  --set a.b=value      one value, over everything else; may be repeated
  --revision SHA       the commit; in a work tree it has to be HEAD
  --repo-url URL       the repository, in place of the remote "origin"
  --namespace NS       the destination namespace
  --app-name NAME      the application's name (default: the last part of PATH)
  --key FILE           sign with this key (mlgitops keygen); or MLGITOPS_SIGNING_KEY_FILE
  --output yaml|json   documents (default), or one v1 List
  --help

stdout carries manifests only. Exit codes: 0 rendered, 1 fault of the input, 2 wrong usage.
`

export type { CommandInput, CommandResult }

const options = {
  environment: { type: 'string' },
  values: { type: 'string', multiple: true },
  set: { type: 'string', multiple: true },
  revision: { type: 'string' },
  'repo-url': { type: 'string' },
  namespace: { type: 'string' },
  'app-name': { type: 'string' },
  key: { type: 'string' },
  output: { type: 'string' },
  help: { type: 'boolean' }
} as const

/**
 * `mlgitops render`.
 *
 * @throws {Fault} for the input, {@link UsageError} for the command line
 */
export async function renderCommand({ args, env, folder }: CommandInput): Promise<CommandResult> {
  const { values: given, positionals } = parse(args)
  if (given.help === true) return { stdout: renderUsage, stderr: '', exitCode: 0 }
  const format = outputFormats.find(known => known === (given.output ?? 'yaml'))
  if (format === undefined) throw new UsageError(`--output is one of ${outputFormats.join(', ')}`)
  if (positionals.length > 1) throw new UsageError('render takes one PATH')
  const isArgocd = isUnderArgocd(env)
  if (isArgocd) refuseLocalOptions(given)
  const target = positionals[0] ?? '.'
  const origin = isArgocd
    ? withEnvironment(argocdOrigin(env, path.resolve(folder, target)), given.environment)
    : await localOrigin({
        path: target,
        callerFolder: folder,
        environment: given.environment,
        revision: given.revision,
        repoUrl: given['repo-url'],
        namespace: given.namespace,
        appName: given['app-name']
      })
  const key = readKey(given.key, env, folder)
  const tree = new RepositoryTree(origin.root, namer(origin, folder))
  const { manifests, context } = await render({
    origin,
    tree,
    valueFiles: (given.values ?? []).map(name => readCallerFile(name, folder)),
    assignments: (given.set ?? []).map(text => {
      const { name, value } = splitAssignment(text)
      return { keys: parseKeyPath(name, '--set'), value, where: '--set' }
    }),
    key,
    kustomize: kustomizeIn(isArgocd ? origin.root : undefined)
  })
  const stdout = printManifests(manifests, format)
  return { stdout, stderr: warnings(context.isDirty, key), exitCode: 0 }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message.split('. ')[0] : undefined)
  }
}

function refuseLocalOptions(given: Readonly<Record<string, unknown>>): void {
  const local = ['revision', 'repo-url', 'namespace', 'app-name'].find(
    name => given[name] !== undefined
  )
  if (local === undefined) return
  throw new UsageError(`--${local} is not for Argo CD, which says it itself`)
}

function withEnvironment(origin: Origin, given: string | undefined): Origin {
  return given === undefined ? origin : { ...origin, environment: given }
}

/** Names are relative to the caller's folder where the application is in it, else to the application. */
function namer(origin: Origin, folder: string): (treePath: string) => string {
  const application = path.join(origin.root, origin.context.sourcePath)
  const fromCaller = path.relative(folder, application)
  const base = fromCaller.startsWith('..') || path.isAbsolute(fromCaller) ? application : folder
  return treePath => path.relative(base, path.join(origin.root, treePath)) || '.'
}

function readKey(
  option: string | undefined,
  env: ProcessEnvironment,
  folder: string
): Key | undefined {
  const file = option ?? env.MLGITOPS_SIGNING_KEY_FILE
  if (file === undefined || file === '') return undefined
  const where = option === undefined ? 'MLGITOPS_SIGNING_KEY_FILE' : '--key'
  return readSigningKey(readText(path.resolve(folder, file), where), where)
}

function readCallerFile(name: string, folder: string) {
  const file = path.basename(name)
  return {
    file,
    values: readValues(readText(path.resolve(folder, name), `--values ${file}`), file)
  }
}

function readText(absolute: string, where: string): string {
  try {
    return readFileSync(absolute, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new Fault('FILE_UNREADABLE', `the file cannot be read (${code})`, { where })
  }
}

function warnings(isDirty: boolean, key: Key | undefined): string {
  if (isDirty) {
    return 'mlgitops: warning: the work tree differs from its commit: stamped mlgitops.io/git-dirty, not attested\n'
  }
  return key === undefined ? 'mlgitops: not attested: no signing key (--key)\n' : ''
}
