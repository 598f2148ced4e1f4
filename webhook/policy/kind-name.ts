import type { Identity } from '../../evidence/identity.ts'
import { workloadTable } from '../../evidence/workload/table.ts'

/** Groups of the workload table, by kind. */
const groupsByKind = new Map<string, readonly string[]>()
for (const { group, kind } of workloadTable) {
  groupsByKind.set(kind, [...(groupsByKind.get(kind) ?? []), group])
}

/** What a name of a kind stands for: one kind, a kind in whatever group, or no single kind. */
export type NamedKind =
  | { readonly kind: 'one'; readonly group: string; readonly name: string }
  | { readonly kind: 'any group'; readonly name: string }
  | { readonly kind: 'ambiguous'; readonly groups: readonly string[] }

/**
 * Reads `GROUP/KIND`, or a kind alone: it means the one group of the workload table that has it, and
 * Kubernetes' own where several have. A kind that no row has can be of any group.
 */
export function readKindName(text: string): NamedKind {
  const slash = text.lastIndexOf('/')
  const name = text.slice(slash + 1)
  if (slash !== -1) return { kind: 'one', group: text.slice(0, slash), name }
  const groups = groupsByKind.get(name) ?? []
  const [first] = groups
  if (first === undefined) return { kind: 'any group', name }
  if (groups.length === 1) return { kind: 'one', group: first, name }
  const own = groups.find(isOfKubernetes)
  return own === undefined ? { kind: 'ambiguous', groups } : { kind: 'one', group: own, name }
}

/** True if a name means the kind of an object. An ambiguous name means none. */
export function meansKind(
  text: string,
  { group, kind }: Pick<Identity, 'group' | 'kind'>
): boolean {
  const named = readKindName(text)
  switch (named.kind) {
    case 'one':
      return named.group === group && named.name === kind
    case 'any group':
      return named.name === kind
    case 'ambiguous':
      return false
  }
}

/** The groups of Kubernetes itself have no dot, or end in k8s.io. */
function isOfKubernetes(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io')
}
