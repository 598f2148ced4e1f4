import { Fault, describeFault } from '../common/fault.ts'

/** The message of the fault that an action throws. Other errors are thrown again. */
export function faultText(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return textOf(error)
  }
  return 'no fault'
}

/** The message of the fault that a promise is rejected with. Other errors are thrown again. */
export async function rejectedFaultText(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    return textOf(error)
  }
  return 'no fault'
}

function textOf(error: unknown): string {
  if (error instanceof Fault) return describeFault(error)
  throw error
}
