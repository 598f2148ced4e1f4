/** A command line that cannot be used: exit code 2, where faults of the input are 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
