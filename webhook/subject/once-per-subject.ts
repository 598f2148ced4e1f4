import type { Subject } from './subject.ts'

/** `compute`, whose value for a subject is kept as long as the subject: many policies ask for the same. */
export function oncePerSubject<Value extends object>(
  compute: (subject: Subject) => Value
): (subject: Subject) => Value {
  const kept = new WeakMap<Subject, Value>()
  return subject => {
    const known = kept.get(subject)
    if (known !== undefined) return known
    const value = compute(subject)
    kept.set(subject, value)
    return value
  }
}
