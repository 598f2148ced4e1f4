/** Details of a {@link Fault}. No field may contain a secret or an absolute path. */
export interface FaultDetails {
  /** File, line and column (`job.yaml:7:12`), a field path or an option's name. */
  readonly where?: string
  /** What was found: a kind of value or a name, never a value from value files or parameters. */
  readonly found?: string
  readonly expected?: string
  readonly remedy?: string
  readonly cause?: unknown
}

const maxMessageCharacters = 4_000

/**
 * An expected error: invalid input, or an environment that does not work. Decisions (a violation, a
 * verdict) are values, never faults.
 *
 * `code` is stable and documented; `message` is one sentence for people.
 */
export class Fault<Code extends string = string> extends Error {
  override readonly name = 'Fault'
  readonly code: Code
  readonly details: FaultDetails

  constructor(code: Code, message: string, details: FaultDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.details = details
  }
}

/**
 * True for a {@link Fault} of any code. A fault that was thrown in another process is plain data when
 * it arrives: whoever receives it makes a `Fault` of it first.
 */
export function isFault(error: unknown): error is Fault {
  return error instanceof Fault
}

/**
 * Formats a fault for people: `where: sentence [CODE]`, then found, expected and remedy, each on its own
 * line. At most 4,000 characters; control characters other than line feeds are replaced.
 */
export function describeFault(fault: Pick<Fault, 'code' | 'message' | 'details'>): string {
  const { where, found, expected, remedy } = fault.details
  // A file name can contain a line feed.
  const place = where === undefined ? '' : `${where.replaceAll('\n', '�')}: `
  const lines = [`${place}${fault.message} [${fault.code}]`]
  if (found !== undefined) lines.push(`  found:    ${found}`)
  if (expected !== undefined) lines.push(`  expected: ${expected}`)
  if (remedy !== undefined) lines.push(`  remedy:   ${remedy}`)
  return bound(lines.join('\n').replace(/[^\P{Cc}\n]/gu, '�'), maxMessageCharacters)
}

/** Cuts `text` to `maxCharacters`; a cut text ends with `…`. */
export function bound(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  return `${text.slice(0, maxCharacters - 1)}…`
}

/** Lists at most `most` names in quotes: `"a", "b" and 3 more`. For the known names in a fault. */
export function listNames(names: readonly string[], most = 12): string {
  if (names.length === 0) return 'none'
  const shown = names.slice(0, most).map(name => JSON.stringify(bound(name, 80)))
  const rest = names.length - shown.length
  return rest > 0 ? `${shown.join(', ')} and ${rest} more` : shown.join(', ')
}
