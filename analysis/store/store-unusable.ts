import { Fault } from '../../common/fault.ts'

const code = 'STORE_UNUSABLE'

/**
 * SQLite's primary result codes for a file that cannot be used: busy, locked, out of memory, read-only, I/O
 * error, corrupt, full, cannot open, protocol, not a database. Any other code is a bug.
 */
const environmentCodes: readonly number[] = [5, 6, 7, 8, 10, 11, 13, 14, 15, 26]

/** Turns an error of SQLite into a fault if the file is the cause, such as `database or disk is full`. */
export function asStoreFault(error: unknown): unknown {
  const { errcode, errstr } = error as { readonly errcode?: unknown; readonly errstr?: unknown }
  const isEnvironment = typeof errcode === 'number' && environmentCodes.includes(errcode & 0xff)
  if (!isEnvironment || typeof errstr !== 'string') return error
  return new Fault(code, `cannot use the state file: ${errstr}`, { cause: error })
}

/** Whether an error means that the store could not be read or written. */
export function isStoreUnusable(error: unknown): error is Fault {
  return error instanceof Fault && error.code === code
}
