import { Fault, describeFault } from '../common/fault.ts'

/** The message of the fault that an action throws; any other error is thrown on. */
export function told(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    if (error instanceof Fault) return describeFault(error)
    throw error
  }
  return 'no fault'
}
