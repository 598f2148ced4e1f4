import { isJsonArray, member, stringifyJson, stringMember } from '../../../common/json.ts'
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
  /** Whether the file of the artifact that is published is here to be served. */
  readonly isStored: boolean
}

/**
 * The status of a release, as fluxcd/pkg apis/meta/conditions.go and kstatus read it: Ready is Unknown
 * while it is worked on, and Reconciling beside it, which stays True while a failure is tried again;
 * Stalled where nothing more will be tried. `observedGeneration` follows when the work is done.
 *
 * @param last the status as it is
 */
export function releaseStatus(
  outcome: Outcome,
  facts: StatusFacts,
  last: JsonValue | undefined,
  now: Date
): JsonObject {
  const conditions = conditionsOf(outcome, facts).map(condition =>
    writeCondition(condition, member(last, 'conditions'), now)
  )
  const { lastHandledReconcileAt, lastAttemptedRevision } = facts
  const observed = member(last, 'observedGeneration')
  const generation = outcome.kind === 'progressing' ? observed : facts.generation
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(lastHandledReconcileAt === undefined ? {} : { lastHandledReconcileAt }),
    ...(lastAttemptedRevision === undefined ? {} : { lastAttemptedRevision }),
    inventory: facts.inventory.map(entry => ({ ...entry })),
    conditions
  }
}

function conditionsOf(outcome: Outcome, facts: StatusFacts): readonly Condition[] {
  const { message } = outcome
  const observedGeneration = facts.generation
  const ready = { type: 'Ready', message, observedGeneration }
  const others = storedCondition(facts)
  switch (outcome.kind) {
    case 'ready':
      return [{ ...ready, status: 'True', reason: 'Succeeded' }, ...others]
    case 'progressing': {
      const progress = { status: 'True', reason: 'Progressing', message } as const
      return [
        { ...ready, status: 'Unknown', reason: 'Progressing' },
        { type: 'Reconciling', ...progress, observedGeneration },
        ...others
      ]
    }
    case 'failed': {
      const { reason } = outcome
      const retry = { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry' } as const
      return [
        { ...ready, status: 'False', reason },
        { ...retry, message: 'it is tried again', observedGeneration },
        ...others
      ]
    }
    case 'stalled': {
      const { reason } = outcome
      return [
        { ...ready, status: 'False', reason },
        { type: 'Stalled', status: 'True', reason, message, observedGeneration },
        ...others
      ]
    }
  }
}

/** As Flux's sources have it: whether what is published can be downloaded. */
function storedCondition({ generation, inventory, isStored }: StatusFacts): readonly Condition[] {
  const [published] = inventory
  if (published === undefined) return []
  const stored = { type: 'ArtifactInStorage', observedGeneration: generation }
  const { revision } = published
  if (isStored) {
    const message = `stored artifact for revision ${revision}`
    return [{ ...stored, status: 'True', reason: 'Succeeded', message }]
  }
  const message = `the file of revision ${revision} is lost: until a render succeeds it answers 404, and what was applied stays`
  return [{ ...stored, status: 'False', reason: 'StorageOperationFailed', message }]
}

const entryKeys = ['name', 'namespace', 'revision', 'digest', 'originRevision'] as const

/**
 * The inventory that a status has: what may have to be removed when a release is published otherwise.
 * Others may write a status too: what is no entry is left out.
 */
export function readInventory(status: JsonValue | undefined): readonly InventoryEntry[] {
  const inventory = member(status, 'inventory')
  const entries: readonly JsonValue[] = isJsonArray(inventory) ? inventory : []
  return entries.filter(entry =>
    entryKeys.every(key => stringMember(entry, key) !== undefined)
  ) as unknown as readonly InventoryEntry[]
}

/** Whether two statuses say the same, in whatever order. */
export function isSameStatus(left: JsonObject, right: JsonValue | undefined): boolean {
  const text = (value: JsonValue) => stringifyJson(value, { sortKeys: true })
  return right !== undefined && text(left) === text(right)
}
