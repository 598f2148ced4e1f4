import path from 'node:path'
import { UsageError } from '../../common/command.ts'
import { readOptions } from '../../common/options.ts'
import type { Given } from '../../common/options.ts'
import { auditOptions } from './audit-options.ts'
import type { AuditedArtifact } from '../bias-audit/bias-audit.ts'
import type { AuditFacts } from './report.ts'

/** A valid command line. */
export interface AuditOptions {
  readonly file: string
  readonly label: string
  readonly prediction: string
  readonly sensitive: readonly string[]
  readonly intersections: boolean
  readonly output: 'markdown' | 'json'
  readonly out: string | undefined
  /** The application path of the audited model; it gives facts that `given` does not have. */
  readonly path: string | undefined
  readonly artifacts: readonly AuditedArtifact[]
  readonly given: { readonly model: string | undefined; readonly version: string | undefined }
  readonly facts: AuditFacts
  /** Warnings about omitted options without which no policy accepts the audit. */
  readonly unnamed: readonly string[]
}

const noCommit = '0'.repeat(40)

/**
 * Reads the command line.
 *
 * @param today yyyy-mm-dd
 * @throws {UsageError}
 */
export function readAuditOptions(args: readonly string[], today: string): AuditOptions | 'help' {
  const { given, positionals, isHelp } = readOptions(auditOptions, { args })
  if (isHelp) return 'help'
  const [file, ...others] = positionals
  const { label, prediction } = given
  const sensitive = (given.sensitive ?? '').split(',').filter(column => column !== '')
  if (file === undefined || others.length > 0) throw new UsageError('audit takes one FILE')
  if (label === undefined || prediction === undefined || sensitive.length === 0) {
    throw new UsageError('audit needs --label, --prediction and --sensitive')
  }
  if (new Set(sensitive).size < sensitive.length || sensitive.length > 8) {
    throw new UsageError('--sensitive takes up to eight columns, each once')
  }
  const columns = { label, prediction, sensitive, intersections: given.intersections }
  const facts = factsOf(given, file, today)
  // The option table allows no other values.
  const output = given.output as AuditOptions['output']
  const { model, version, path: target } = given
  return {
    file,
    ...columns,
    output,
    out: given.out,
    path: target,
    artifacts: artifactsOf(given),
    given: { model, version },
    facts,
    unnamed: unnamedOf(given)
  }
}

type GivenAudit = Given<typeof auditOptions>

function factsOf(given: GivenAudit, file: string, today: string): AuditFacts {
  const { commit, 'model-digest': digest, independent, historical, date = today } = given
  const named = (option: 'model' | 'version' | 'auditor' | 'dataset', otherwise = 'unnamed') => {
    const name = given[option] ?? otherwise
    if (/^[^\p{Cc}]{1,100}$/u.test(name)) return name
    throw new UsageError(`--${option} takes 1 to 100 characters on one line`)
  }
  if (commit !== undefined && !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit)) {
    throw new UsageError('--commit must be a full commit: 40 or 64 hexadecimal digits')
  }
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new UsageError('--model-digest must be sha256: and 64 lowercase hexadecimal digits')
  }
  if (digest !== undefined && given.path !== undefined) {
    throw new UsageError('--path computes the digest: omit --model-digest')
  }
  if (!isDay(date)) throw new UsageError('--date must be a calendar date, yyyy-mm-dd')
  return {
    model: { name: named('model'), version: named('version') },
    ...namesOf(given),
    date,
    auditor: { name: named('auditor'), independent },
    dataset: {
      name: named('dataset', file === '-' ? 'stdin' : path.parse(file).name),
      kind: historical ? 'historical' : 'test'
    },
    minimumGroupSize: size(given['minimum-group-size'])
  }
}

/** Without any, a commit that does not exist: the schema requires one of the three. */
function namesOf(given: GivenAudit): Pick<AuditFacts, 'modelCommit' | 'modelDigest' | 'artifacts'> {
  const { commit, 'model-digest': digest, path: target } = given
  const artifacts = artifactsOf(given)
  const isUnnamed = digest === undefined && target === undefined && artifacts.length === 0
  const modelCommit = commit ?? (isUnnamed ? noCommit : undefined)
  return {
    ...(modelCommit === undefined ? {} : { modelCommit }),
    ...(digest === undefined ? {} : { modelDigest: digest }),
    ...(artifacts.length === 0 ? {} : { artifacts })
  }
}

function artifactsOf({ artifact }: GivenAudit): readonly AuditedArtifact[] {
  return artifact.map(uri => {
    if (/^[^\s\p{Cc}]{1,500}$/u.test(uri)) return { uri }
    throw new UsageError('--artifact takes a URI or an image, without white space')
  })
}

function unnamedOf(given: GivenAudit): readonly string[] {
  const { path: target, model = target, version = target, auditor } = given
  const [artifact] = given.artifact
  const commit = given.commit ?? given['model-digest'] ?? artifact ?? target
  const named = { model, version, commit, auditor }
  const missing = Object.entries(named).filter(([, value]) => value === undefined)
  return missing.length === 0
    ? []
    : [
        `${missing.map(([option]) => `--${option}`).join(', ')}: not given; no policy will accept the audit`
      ]
}

function size(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new UsageError('--minimum-group-size must be a whole number from 1 up')
}

function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const time = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text)
}
