import { Fault, isFault } from '../../common/fault.ts'

/**
 * Why an object cannot be used, from whatever its reader threw: a fault as it is; anything else, such as
 * a stack that one object's depth was too much for, as one that keeps the others going.
 */
export function objectFault(error: unknown, where: string): Fault {
  if (isFault(error)) return error
  const kind = error instanceof Error ? error.name : 'unknown'
  const message = `this object meets a defect of mlgitops (${kind})`
  return new Fault('OBJECT_DEFECT', message, { where, cause: error })
}
