import path from 'node:path'
import { UsageError } from '../../common/command.ts'
import { readOptions } from '../../common/options.ts'
import type { Given } from '../../common/options.ts'
import { auditOptions } from './audit-options.ts'
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
  return { file, ...columns, output, out: given.out, facts, unnamed: unnamedOf(given) }
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
  if (!isDay(date)) throw new UsageError('--date must be a calendar date, yyyy-mm-dd')
  return {
    model: { name: named('model'), version: named('version') },
    ...coverOf(commit, digest),
    date,
    auditor: { name: named('auditor'), independent },
    dataset: {
      name: named('dataset', file === '-' ? 'stdin' : path.parse(file).name),
      kind: historical ? 'historical' : 'test'
    },
    minimumGroupSize: size(given['minimum-group-size'])
  }
}

/** Without both, a commit that does not exist: the schema requires one of the two. */
function coverOf(
  commit: string | undefined,
  digest: string | undefined
): Pick<AuditFacts, 'modelCommit' | 'modelDigest'> {
  if (digest === undefined) return { modelCommit: commit ?? noCommit }
  return { ...(commit === undefined ? {} : { modelCommit: commit }), modelDigest: digest }
}

function unnamedOf(given: GivenAudit): readonly string[] {
  const { model, version, auditor } = given
  const named = { model, version, commit: given.commit ?? given['model-digest'], auditor }
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
