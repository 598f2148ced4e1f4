import { Fault, isFault } from '../../common/fault.ts'

/**
 * Returns why an object cannot be used, from whatever its reader threw: a fault as it is, anything else,
 * such as a stack overflow by a deep object, as `OBJECT_DEFECT`. The other objects stay in use.
 */
export function objectFault(error: unknown, where: string): Fault {
  if (isFault(error)) return error
  const kind = error instanceof Error ? error.name : 'unknown'
  const message = `internal error while reading this object (${kind})`
  return new Fault('OBJECT_DEFECT', message, { where, cause: error })
}
