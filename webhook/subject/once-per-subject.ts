import type { Subject } from './subject.ts'

let slots = 0

/**
 * `compute`, whose value is kept with its subject: many policies ask for the same. Kept in the subject
 * and not beside it, so that both are garbage at once.
 */
export function oncePerSubject<Value extends object>(
  compute: (subject: Subject) => Value
): (subject: Subject) => Value {
  const slot = slots
  slots += 1
  return subject => {
    const known = subject.computed[slot]
    // Only this function writes into this slot.
    if (known !== undefined) return known as Value
    const value = compute(subject)
    subject.computed[slot] = value
    return value
  }
}
