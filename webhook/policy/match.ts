import type { Subject } from '../subject/subject.ts'
import { labelsOf, selects } from './label-selector.ts'
import type { Labels } from './label-selector.ts'
import type { KindRule, MatchConstraints } from './model-policy.ts'

/**
 * True when a policy selects the object. Unknown namespace labels match: a failed lookup must not
 * disable a policy (CVE-2025-46342).
 *
 * @param namespaceLabels undefined when unknown; not used for cluster-scoped objects
 */
export function matches(
  match: MatchConstraints,
  subject: Subject,
  namespaceLabels: Labels | undefined
): boolean {
  const { operations, excludeKinds = [], objectSelector, namespaceSelector } = match
  if (operations !== undefined && !operations.includes(subject.operation)) return false
  if (excludeKinds.some(rule => isOfKind(rule, subject))) return false
  if (!isJudgedKind(match, subject)) return false
  if (objectSelector !== undefined) {
    const either = [subject.object, subject.oldObject]
    if (!either.some(object => object && selects(objectSelector, labelsOf(object)))) return false
  }
  if (namespaceSelector === undefined || namespaceLabels === undefined) return true
  return subject.identity.namespace === '' || selects(namespaceSelector, namespaceLabels)
}

/** True when a policy selects the object by the name of its kind, not by `*`. */
export function isNamedKind({ kinds = [] }: MatchConstraints, subject: Subject): boolean {
  const { kind } = subject.identity
  return kinds.some(rule => rule.kinds.includes(kind) && isOfKind(rule, subject))
}

function isJudgedKind({ roles, kinds }: MatchConstraints, subject: Subject): boolean {
  if (roles === undefined && kinds === undefined) return true
  const role = subject.workload?.role
  if (role !== undefined && roles?.includes(role) === true) return true
  return kinds?.some(rule => isOfKind(rule, subject)) === true
}

function isOfKind({ apiGroups, apiVersions, kinds }: KindRule, { identity }: Subject): boolean {
  const holds = (names: readonly string[], name: string) =>
    names.includes('*') || names.includes(name)
  return (
    holds(apiGroups, identity.group) &&
    holds(apiVersions ?? ['*'], identity.version) &&
    holds(kinds, identity.kind)
  )
}
