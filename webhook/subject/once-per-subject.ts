import type { Subject } from './subject.ts'

let slots = 0

/**
 * Memoizes `compute` per subject, because many rules need the same value. The value is stored in the
 * subject, so that both are garbage collected together.
 */
export function oncePerSubject<Value extends object>(
  compute: (subject: Subject) => Value
): (subject: Subject) => Value {
  const slot = slots
  slots += 1
  return subject => {
    const known = subject.computed[slot]
    // Only this function writes to this slot.
    if (known !== undefined) return known as Value
    const value = compute(subject)
    subject.computed[slot] = value
    return value
  }
}
