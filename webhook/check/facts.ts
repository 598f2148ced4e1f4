import { actionOf } from '../decision.ts'
import type { Violation } from '../decision.ts'
import type { Checked } from './report.ts'

/** One thing that is wrong, with every place where it is. */
export interface Fact {
  /** The first of equal violations. */
  readonly violation: Violation
  /** By object, in order; not empty. */
  readonly fields: ReadonlyMap<Checked, readonly string[]>
}

/** Objects with the facts that are true of all of them and of no other object. */
export interface FactGroup {
  readonly objects: readonly Checked[]
  readonly facts: readonly Fact[]
}

/**
 * Gathers equal violations: those of one rule that say the same and differ only in the object or in the
 * field. A group is in the place of its first violation.
 */
export function groupFacts(checked: readonly Checked[]): readonly FactGroup[] {
  const groups = new Map<string, { objects: readonly Checked[]; facts: Fact[] }>()
  const indexes = new Map(checked.map((each, index) => [each, index]))
  for (const fact of factsOf(checked)) {
    const objects = [...fact.fields.keys()]
    const key = objects.map(each => indexes.get(each)).join(' ')
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { objects, facts: [fact] })
    else group.facts.push(fact)
  }
  return [...groups.values()]
}

function factsOf(checked: readonly Checked[]): readonly Fact[] {
  const facts = new Map<string, { violation: Violation; fields: Map<Checked, string[]> }>()
  for (const each of checked) {
    for (const violation of each.decision.violations) {
      const key = keyOf(violation)
      const fact = facts.get(key) ?? { violation, fields: new Map<Checked, string[]>() }
      fact.fields.set(each, [...(fact.fields.get(each) ?? []), violation.field])
      facts.set(key, fact)
    }
  }
  return [...facts.values()]
}

function keyOf(violation: Violation): string {
  const { policy, rule, problem, found, allowed, fix } = violation
  return JSON.stringify([actionOf(violation), policy, rule, problem, found, allowed, fix])
}
