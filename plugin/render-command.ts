import path from 'node:path'
import { UsageError } from '../common/command.ts'
import type { CommandInput, CommandResult } from '../common/command.ts'
import { optionLines, readOptions } from '../common/options.ts'
import { attestationNotice } from './attestation.ts'
import type { Attestation } from './attestation.ts'
import { callerTree, readCallerValues } from './caller-tree.ts'
import { helmIn } from './helm/run-helm.ts'
import { kustomizeIn } from './kustomize/build.ts'
import { argocdOrigin, isUnderArgocd } from './origin/argocd.ts'
import type { Origin } from './origin/origin.ts'
import { localOrigin } from './origin/work-tree.ts'
import { printManifests } from './output.ts'
import { renderOptions } from './render-options.ts'
import { render } from './render.ts'
import { readSigning } from './signer/read-signing.ts'
import { parseSetOption } from './values/set-option.ts'

/** What `mlgitops render --help` prints. */
export const renderUsage = (): string => `Usage: mlgitops render [PATH] [options]

Renders the manifests of an application path (default: this folder) at a Git commit and prints them.
Under Argo CD the inputs come from its environment variables; locally they come from Git.

${optionLines(renderOptions)}
stdout has only manifests. Exit codes: 0 rendered, 1 invalid input, 2 invalid usage.
`

/**
 * `mlgitops render`.
 *
 * @throws {Fault} for invalid input, {@link UsageError} for an invalid command line
 */
export async function renderCommand({ args, env, folder }: CommandInput): Promise<CommandResult> {
  const line = readOptions(renderOptions, { args, env })
  if (line.isHelp) return { stdout: renderUsage(), stderr: '', exitCode: 0 }
  const { given } = line
  const [target = '.', ...others] = line.positionals
  if (others.length > 0) throw new UsageError('render takes one PATH')
  const isArgocd = isUnderArgocd(env)
  if (isArgocd) refuseLocalOptions(line.named)
  const assignments = given.set.flatMap(parseSetOption)
  const { named } = line
  const [origin, signing] = await Promise.all([
    isArgocd
      ? withEnvironment(argocdOrigin(env, path.resolve(folder, target)), given.environment)
      : localOrigin({
          path: target,
          callerFolder: folder,
          environment: given.environment,
          revision: given.revision,
          repoUrl: given['repo-url'],
          namespace: given.namespace,
          appName: given['app-name']
        }),
    // Cryptography is loaded while Git runs.
    Promise.resolve().then(() =>
      readSigning(given, { env, folder, named, isForeignFolder: isArgocd })
    )
  ])
  const tree = callerTree(origin, folder)
  const workFolder = isArgocd ? origin.root : undefined
  const { manifests, attestation, warnings } = await render({
    origin,
    tree,
    valueFiles: given.values.map(name => readCallerValues(name, folder)),
    assignments,
    signing,
    kustomize: kustomizeIn(workFolder),
    helm: helmIn(workFolder),
    requiredSignature: given['require-signature'] ? 'by options' : undefined
  })
  const stdout = printManifests(manifests, given.output === 'json' ? 'json' : 'yaml')
  return { stdout, stderr: warningLines(warnings, attestation), exitCode: 0 }
}

function refuseLocalOptions(named: ReadonlySet<string>): void {
  const local = ['revision', 'repo-url', 'namespace', 'app-name'].find(name => named.has(name))
  if (local === undefined) return
  throw new UsageError(`--${local} cannot be used under Argo CD, which sets it`)
}

function withEnvironment(origin: Origin, given: string | undefined): Origin {
  return given === undefined ? origin : { ...origin, environment: given }
}

function warningLines(warnings: readonly string[], attestation: Attestation): string {
  const lines = warnings.map(warning => `mlgitops: warning: ${warning}\n`).join('')
  const notice = attestationNotice(attestation)
  if (notice === undefined) return lines
  return `${lines}mlgitops: ${notice.severity === 'warning' ? 'warning: ' : ''}${notice.message}\n`
}
