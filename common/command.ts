/** The result of a command: text for each stream and the exit code. */
export interface CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: 0 | 1 | 2 | 3
}

/** The input of a command. */
export interface CommandInput {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
}

/** Writes to standard output immediately, for a command that keeps running. */
export type Print = (text: string) => void

/** A wrong command line. The exit code is 2; it is 1 for faults of the input. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
