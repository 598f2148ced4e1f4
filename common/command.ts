/** What a command did: text for each stream and the exit code. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: 0 | 1 | 2
}

/** What a command is started with. */
export interface CommandInput {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
}

/** Writes to standard output at once, for a command that goes on running. */
export type Print = (text: string) => void

/** A command line that cannot be used: exit code 2, where faults of the input are 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
