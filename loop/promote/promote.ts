import { bound, Fault } from '../../common/fault.ts'
import { isJsonObject } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { checkArtifact } from '../artifact/check-artifact.ts'
import type { Person } from '../git/make-commit.ts'
import type { RemoteBranch } from '../git/remote-branch.ts'
import { lastVerdict, ledgerFile, ledgerVerdicts } from '../ledger/ledger.ts'
import type { LedgerVerdict } from '../ledger/ledger.ts'
import { comparedRows } from '../registry/compared-rows.ts'
import { entryFile, entryText, readEntry, specText } from '../registry/entry.ts'
import { propose } from '../registry/propose.ts'
import type { Proposal } from '../registry/propose.ts'
import { promoteText } from '../text/bodies.ts'

/** Which model to promote. */
export interface PromoteRequest {
  readonly model: string
  readonly from: string
  readonly to: string
  /** Whether the last verdict about this model digest has to be a pass. */
  readonly isProofNeeded: boolean
  readonly isArtifactChecked: boolean
  readonly author: Person
  readonly signingKey: string | undefined
}

/** A pull request that promotes a model, or nothing to promote. */
export type Promotion =
  | { readonly kind: 'equal'; readonly file: string }
  | ({ readonly kind: 'proposed'; readonly title: string; readonly body: string } & Proposal)

/**
 * Proposes the registry entry of one environment for another one. Only the entry is copied: what belongs to an
 * environment (replicas, addresses, secrets) is in files that it does not touch.
 *
 * @throws {Fault} `ENTRY_ABSENT`, `PROMOTE_UNPROVED`, those of the artifact, `PUSH_REFUSED`
 */
export async function promote(branch: RemoteBranch, request: PromoteRequest): Promise<Promotion> {
  const { model, from, to } = request
  const source = await entryOf(branch, model, from)
  if (source === undefined) throw absent(entryFile(model, from))
  const file = entryFile(model, to)
  const target = await entryOf(branch, model, to)
  const promoted = withStage(source, to)
  const content = entryText(promoted)
  if (target !== undefined && entryText(target) === content) return { kind: 'equal', file }
  const verdict = await verdictOf(branch, model, from, specText(source, 'modelDigest'))
  if (request.isProofNeeded && verdict?.verdict !== 'pass') throw unproved(request, source, verdict)
  if (request.isArtifactChecked) {
    await checkArtifact(specText(source, 'artifactPath') ?? '', specText(source, 'artifactDigest'))
  }
  const title = titleOf(request, source)
  const subject = { verb: 'promote', model, environment: to, content } as const
  const proposal = await propose(branch, subject, () =>
    branch.commit({
      parent: branch.head,
      changes: [{ path: file, content: Buffer.from(content) }],
      message: messageOf(title, request, source),
      author: request.author,
      signingKey: request.signingKey
    })
  )
  const body = promoteText({
    rows: comparedRows(target, promoted),
    from,
    verdict:
      verdict === undefined ? '' : `Verdict of ${from}: ${verdict.verdict}. ${verdict.reason}`,
    isOtherData:
      target !== undefined &&
      specText(target, 'training', 'dataset', 'digest') !==
        specText(source, 'training', 'dataset', 'digest')
  })
  return { kind: 'proposed', ...proposal, title, body }
}

async function entryOf(
  branch: RemoteBranch,
  model: string,
  environment: string
): Promise<JsonObject | undefined> {
  const file = entryFile(model, environment)
  const content = await branch.read(file)
  return content === undefined ? undefined : readEntry(content, file)
}

async function verdictOf(
  branch: RemoteBranch,
  model: string,
  environment: string,
  modelDigest: string | undefined
): Promise<LedgerVerdict | undefined> {
  const file = ledgerFile(model)
  return lastVerdict(ledgerVerdicts(await branch.read(file), file), environment, modelDigest)
}

function withStage(entry: JsonObject, stage: string): JsonObject {
  const spec = isJsonObject(entry.spec) ? entry.spec : {}
  return { ...entry, spec: { ...spec, stage } }
}

function titleOf({ model, to }: PromoteRequest, source: JsonObject): string {
  return bound(`Promote ${model} ${specText(source, 'version') ?? ''} to ${to}`, 72)
}

function messageOf(title: string, { model, from, to }: PromoteRequest, source: JsonObject): string {
  const trailers = [
    ['Model', model],
    ['Model-Version', specText(source, 'version')],
    ['Model-Commit', specText(source, 'gitCommit')],
    ['Model-Digest', specText(source, 'modelDigest')],
    ['Promoted-From', from]
  ]
  const lines = trailers.flatMap(([name = '', value]) =>
    value === undefined ? [] : [`${name}: ${value}\n`]
  )
  return `${title}

It copies the registry entry of ${from} to ${to}.

${lines.join('')}`
}

function absent(where: string): Fault {
  return new Fault('ENTRY_ABSENT', 'there is no such registry entry', {
    where,
    remedy: 'Register the model for this environment first, or name another one by --from.'
  })
}

function unproved(
  { from }: PromoteRequest,
  source: JsonObject,
  verdict: LedgerVerdict | undefined
): Fault {
  return new Fault('PROMOTE_UNPROVED', `${from} has not proved this model`, {
    where: specText(source, 'modelDigest') ?? 'an entry without modelDigest',
    found:
      verdict === undefined ? 'no verdict in the ledger' : `the last verdict is ${verdict.verdict}`,
    expected: 'a pass of this model digest',
    remedy: `Let the analysis of ${from} judge it, and its verdict come back to the ledger.`
  })
}
