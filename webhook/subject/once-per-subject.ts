import type { Subject } from './subject.ts'

/**
 * `compute`, whose value is kept with its subject: many policies ask for the same. Kept in the subject
 * and not beside it, so that both are garbage at once.
 */
export function oncePerSubject<Value extends object>(
  compute: (subject: Subject) => Value
): (subject: Subject) => Value {
  return subject => {
    const known = subject.computed.get(compute)
    // Only this function writes under this key.
    if (known !== undefined) return known as Value
    const value = compute(subject)
    subject.computed.set(compute, value)
    return value
  }
}
