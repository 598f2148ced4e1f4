import { Fault } from '../../common/fault.ts'
import { member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import type { RemoteBranch } from '../git/remote-branch.ts'
import { ledgerFile, ledgerVerdicts } from '../ledger/ledger.ts'
import { specText } from '../registry/entry.ts'
import { entryVersions } from '../registry/entry-versions.ts'
import type { EntryVersion } from '../registry/entry-versions.ts'

/** One stay of a model in an environment, from the registry's history. */
interface Stay {
  readonly environment: string
  /** The commit that brought it to the branch. */
  readonly commit: string
  readonly subject: string
  readonly from: string
  /** Null while it is the one of now. */
  readonly until: string | null
  readonly version: string | null
  readonly modelDigest: string | null
  readonly gitCommit: string | null
  readonly artifactPath: string | null
  readonly artifactDigest: string | null
  readonly run: JsonValue
  readonly dataset: JsonValue
  readonly metrics: JsonValue
  readonly verdicts: readonly JsonObject[]
}

/** What Git knows about a model. */
export interface ModelHistory {
  readonly model: string
  /** The commit that was read. */
  readonly head: string
  /** Newest first. */
  readonly entries: readonly Stay[]
}

/**
 * Reads the history of a model's registry entries and its ledger.
 *
 * @throws {Fault} `MODEL_ABSENT`, `LEDGER_INVALID`
 */
export async function modelHistory(branch: RemoteBranch, model: string): Promise<ModelHistory> {
  const folder = `registry/${model}`
  const environments = await environmentsOf(branch, folder)
  if (environments.length === 0) throw absent(folder)
  const verdicts = ledgerVerdicts(await branch.read(ledgerFile(model)), ledgerFile(model))
  const stays: Stay[] = []
  for (const environment of environments) {
    const versions = await entryVersions(branch, `${folder}/${environment}.yaml`)
    for (const [index, version] of versions.entries()) {
      const stay = stayOf(environment, version, versions[index - 1])
      if (stay === undefined) continue
      const own = verdicts.filter(
        verdict => verdict.environment === environment && verdict.modelDigest === stay.modelDigest
      )
      stays.push({ ...stay, verdicts: own.map(verdict => ({ ...verdict })) })
    }
  }
  const entries = stays.sort((a, b) => Date.parse(b.from) - Date.parse(a.from))
  return { model, head: branch.head, entries }
}

/** Environments that have an entry, or had one. */
async function environmentsOf(branch: RemoteBranch, folder: string): Promise<readonly string[]> {
  const output = await branch.text(
    'log',
    '--first-parent',
    '-m',
    '--format=',
    '--name-only',
    '-z',
    branch.head,
    '--',
    `:(literal)${folder}`
  )
  const files = output.split('\0').map(file => file.trim().slice(folder.length + 1))
  const names = files.flatMap(file => /^([^/]+)\.yaml$/.exec(file)?.[1] ?? [])
  return [...new Set(names)].sort()
}

function stayOf(
  environment: string,
  { entry, commit, subject, time }: EntryVersion,
  next: EntryVersion | undefined
): Omit<Stay, 'verdicts'> | undefined {
  if (entry === undefined) return undefined
  const field = (...path: readonly string[]): JsonValue => {
    let value: JsonValue | undefined = member(entry, 'spec')
    for (const step of path) value = member(value, step)
    return value ?? null
  }
  return {
    environment,
    commit,
    subject,
    from: time,
    until: next?.time ?? null,
    version: specText(entry, 'version') ?? null,
    modelDigest: specText(entry, 'modelDigest') ?? null,
    gitCommit: specText(entry, 'gitCommit') ?? null,
    artifactPath: specText(entry, 'artifactPath') ?? null,
    artifactDigest: specText(entry, 'artifactDigest') ?? null,
    run: field('run'),
    dataset: field('training', 'dataset'),
    metrics: field('metrics')
  }
}

function absent(where: string): Fault {
  return new Fault('MODEL_ABSENT', 'the branch has no registry entry of this model', { where })
}
