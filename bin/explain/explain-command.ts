import { UsageError } from '../../common/command.ts'
import type { CommandInput, CommandResult } from '../../common/command.ts'
import { readOptions } from '../../common/options.ts'
import type { Given } from '../../common/options.ts'
import type { Key } from '../../evidence/attestation/key.ts'
import { notAttestedReason } from '../../plugin/attestation.ts'
import { readKeyFile } from '../../plugin/caller-file.ts'
import { callerTree, readCallerValues } from '../../plugin/caller-tree.ts'
import { explainModel } from '../../plugin/explain-model.ts'
import type { ExplainedModel } from '../../plugin/explain-model.ts'
import { helmIn } from '../../plugin/helm/run-helm.ts'
import { kustomizeIn } from '../../plugin/kustomize/build.ts'
import { modelCommitReason } from '../../plugin/model-identity.ts'
import { localOrigin } from '../../plugin/origin/work-tree.ts'
import { parseSetOption } from '../../plugin/values/set-option.ts'
import { explainAudit } from './explain-audit.ts'
import { explainDenials, explainKeys } from './explain-denials.ts'
import { explainOptions, explainUsage } from './explain-options.ts'
import { explainRuns } from './explain-runs.ts'
import { explanationText } from './explanation-text.ts'
import type { Explanation } from './explanation.ts'

/**
 * `mlgitops explain`.
 *
 * @throws {Fault} for invalid input, {@link UsageError} for a wrong command line
 */
export async function explainCommand({ args, env, folder }: CommandInput): Promise<CommandResult> {
  const { given, positionals, isHelp, named } = readOptions(explainOptions, { args, env })
  if (isHelp) return { stdout: explainUsage, stderr: '', exitCode: 0 }
  const [target = '.', ...others] = positionals
  if (others.length > 0) throw new UsageError('explain takes one PATH')
  const where = named.has('key') ? '--key' : explainOptions.key.variable
  const keys = explainKeys(readKeyFile(given.key, where, folder), given.keys, folder)
  const explained = await explainPath(target, given, { folder, signing: keys.signing })
  const now = new Date()
  const { policies } = given
  const denials =
    policies === undefined
      ? []
      : await explainDenials(
          explained,
          { ...given, policies },
          { folder, trustedKeys: keys.trusted, now }
        )
  const explanation = { ...describe(explained, now), denials }
  const stdout =
    given.output === 'json'
      ? `${JSON.stringify(explanation, null, 2)}\n`
      : explanationText(explanation, { isJudged: policies !== undefined })
  return { stdout, stderr: '', exitCode: 0 }
}

async function explainPath(
  target: string,
  given: Given<typeof explainOptions>,
  { folder, signing }: { readonly folder: string; readonly signing: Key }
): Promise<ExplainedModel> {
  const origin = await localOrigin({
    path: target,
    callerFolder: folder,
    environment: given.environment,
    revision: given.revision,
    repoUrl: given['repo-url'],
    namespace: given.namespace,
    appName: given['app-name']
  })
  return explainModel({
    origin,
    tree: callerTree(origin, folder),
    valueFiles: given.values.map(name => readCallerValues(name, folder)),
    assignments: given.set.flatMap(parseSetOption),
    signing: { kind: 'key', key: signing },
    kustomize: kustomizeIn(undefined),
    helm: helmIn(undefined)
  })
}

function describe(explained: ExplainedModel, now: Date): Omit<Explanation, 'denials'> {
  const { rendered, objects, sources } = explained
  const { context, identity, attestation, warnings } = rendered
  return {
    gitCommit: context.commit,
    modelCommit: context.modelCommit ?? null,
    modelCommitReason: modelCommitReason(identity.history.modelCommit),
    modelDigest: context.modelDigest,
    notAttested: attestation.kind === 'signed' ? null : notAttestedReason(attestation),
    sources,
    values: identity.sources.selection.project.model.values,
    audit: explainAudit(explained, now),
    runs: objects.flatMap(({ name, images, models, facts }) =>
      facts === undefined
        ? []
        : explainRuns({ name, images, models, names: { ...facts.source, pins: facts.pins } })
    ),
    warnings
  }
}
