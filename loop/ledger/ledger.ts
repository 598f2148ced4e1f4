import { Fault } from '../../common/fault.ts'
import { stringMember } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { tryParseJson } from '../../common/parse-json.ts'

/** The file with what was found out about a model, from the root of the repository: one JSON object a line. */
export function ledgerFile(model: string): string {
  return `registry/${model}/ledger.ndjson`
}

/** A verdict of the analysis about a model in an environment. */
export interface LedgerVerdict {
  readonly environment: string
  readonly modelDigest: string
  readonly verdict: string
  /** RFC 3339. */
  readonly time: string
  /** One sentence with the figures. */
  readonly reason: string
}

/**
 * The verdicts of a ledger, oldest first. Lines of other kinds are left out.
 *
 * @throws {Fault} `LEDGER_INVALID` for a line that is no JSON object
 */
export function ledgerVerdicts(
  content: Buffer | undefined,
  file: string
): readonly LedgerVerdict[] {
  const lines = content?.toString('utf8').split('\n') ?? []
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const value = tryParseJson(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Fault('LEDGER_INVALID', 'the line is no JSON object', {
        where: `${file}:${index + 1}`
      })
    }
    return stringMember(value, 'kind') === 'verdict' ? [verdictOf(value as JsonObject)] : []
  })
}

/** The last verdict about a model digest in an environment. */
export function lastVerdict(
  verdicts: readonly LedgerVerdict[],
  environment: string,
  modelDigest: string | undefined
): LedgerVerdict | undefined {
  return verdicts.findLast(
    verdict => verdict.environment === environment && verdict.modelDigest === modelDigest
  )
}

function verdictOf(line: JsonObject): LedgerVerdict {
  const text = (name: string) => stringMember(line, name) ?? ''
  return {
    environment: text('environment'),
    modelDigest: text('modelDigest'),
    verdict: text('verdict'),
    time: text('time'),
    reason: text('reason')
  }
}
