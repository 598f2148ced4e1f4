import { isJsonArray, isJsonObject, member, stringifyJson } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { writeCondition } from '../../../service/kubernetes/condition.ts'
import type { Condition } from '../../../service/kubernetes/condition.ts'
import type { Outcome } from './outcome.ts'

/** An artifact that is published, as the inventory of a release lists it. */
export interface InventoryEntry {
  readonly name: string
  readonly namespace: string
  readonly revision: string
  readonly digest: string
  readonly originRevision: string
}

/** What a release's status says beside its conditions. */
export interface StatusFacts {
  readonly generation: number
  readonly lastHandledReconcileAt: string | undefined
  readonly lastAttemptedRevision: string | undefined
  readonly inventory: readonly InventoryEntry[]
}

/**
 * The status of a release: Ready, and Reconciling or Stalled beside it while that is False, as
 * fluxcd/pkg apis/meta/conditions.go and kstatus read them.
 *
 * @param last the status as it is
 */
export function releaseStatus(
  outcome: Outcome,
  facts: StatusFacts,
  last: JsonValue | undefined,
  now: Date
): JsonObject {
  const conditions = conditionsOf(outcome, facts.generation).map(condition =>
    writeCondition(condition, member(last, 'conditions'), now)
  )
  const { lastHandledReconcileAt, lastAttemptedRevision } = facts
  return {
    observedGeneration: facts.generation,
    ...(lastHandledReconcileAt === undefined ? {} : { lastHandledReconcileAt }),
    ...(lastAttemptedRevision === undefined ? {} : { lastAttemptedRevision }),
    inventory: facts.inventory.map(entry => ({ ...entry })),
    conditions
  }
}

function conditionsOf(outcome: Outcome, observedGeneration: number): readonly Condition[] {
  const { message } = outcome
  const ready = { type: 'Ready', message, observedGeneration }
  switch (outcome.kind) {
    case 'ready':
      return [{ ...ready, status: 'True', reason: 'Succeeded' }]
    case 'failed': {
      const { reason } = outcome
      const retry = { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry' } as const
      return [
        { ...ready, status: 'False', reason },
        { ...retry, message: 'it is tried again', observedGeneration }
      ]
    }
    case 'stalled': {
      const { reason } = outcome
      return [
        { ...ready, status: 'False', reason },
        { type: 'Stalled', status: 'True', reason, message, observedGeneration }
      ]
    }
  }
}

/** The inventory that a status has: what may have to be removed when a release is published otherwise. */
export function readInventory(status: JsonValue | undefined): readonly InventoryEntry[] {
  const inventory = member(status, 'inventory')
  const entries: readonly JsonValue[] = isJsonArray(inventory) ? inventory : []
  return entries.filter(isJsonObject) as unknown as readonly InventoryEntry[]
}

/** Whether two statuses say the same, in whatever order. */
export function isSameStatus(left: JsonObject, right: JsonValue | undefined): boolean {
  const text = (value: JsonValue) => stringifyJson(value, { sortKeys: true })
  return right !== undefined && text(left) === text(right)
}
