import { Fault } from '../../common/fault.ts'

const code = 'STORE_UNUSABLE'

/**
 * SQLite's primary result codes of a file that cannot be used as it is: busy, locked, no memory, read-only,
 * I/O error, corrupt, full, cannot be opened, protocol, not a database. Others are defects of ours.
 */
const environmentCodes: readonly number[] = [5, 6, 7, 8, 10, 11, 13, 14, 15, 26]

/** What SQLite threw as a fault where the file is the reason: `database or disk is full`. */
export function asStoreFault(error: unknown): unknown {
  const { errcode, errstr } = error as { readonly errcode?: unknown; readonly errstr?: unknown }
  const isEnvironment = typeof errcode === 'number' && environmentCodes.includes(errcode & 0xff)
  if (!isEnvironment || typeof errstr !== 'string') return error
  return new Fault(code, `cannot use the state file: ${errstr}`, { cause: error })
}

/** Whether something failed because the store could not be read or written. */
export function isStoreUnusable(error: unknown): error is Fault {
  return error instanceof Fault && error.code === code
}
