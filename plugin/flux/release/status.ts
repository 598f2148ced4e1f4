import { bound } from '../../../common/fault.ts'
import { isJsonArray, member, stringifyJson, stringMember } from '../../../common/json.ts'
import type { JsonObject, JsonValue } from '../../../common/json.ts'
import { findCondition, writeCondition } from '../../../service/kubernetes/condition.ts'
import type { Condition } from '../../../service/kubernetes/condition.ts'
import type { ReleaseState } from './release-state.ts'

/** A published artifact in the inventory of a release. */
export interface InventoryEntry {
  readonly name: string
  readonly namespace: string
  readonly revision: string
  readonly digest: string
  readonly originRevision: string
}

/** The parts of a release's status other than conditions. */
export interface StatusFacts {
  readonly generation: number
  readonly lastHandledReconcileAt: string | undefined
  readonly lastAttemptedRevision: string | undefined
  readonly inventory: readonly InventoryEntry[]
  /** Whether the file of the publication is stored and can be served. */
  readonly isStored: boolean
}

/**
 * The status of a release, for fluxcd/pkg apis/meta/conditions.go and kstatus: while it is rendered, Ready
 * is Unknown and Reconciling True; while a failure is retried, Ready is False and Reconciling True; if
 * nothing is retried, Stalled is True. `observedGeneration` changes when the reconciliation is done.
 *
 * @param last the current status
 */
export function releaseStatus(
  state: ReleaseState,
  facts: StatusFacts,
  last: JsonValue | undefined,
  now: Date
): JsonObject {
  const conditions = [
    ...conditionsOf(state, facts),
    ...warningsCondition(state, facts.generation, last)
  ].map(condition => writeCondition(condition, member(last, 'conditions'), now))
  const { lastHandledReconcileAt, lastAttemptedRevision } = facts
  const observed = member(last, 'observedGeneration')
  const generation = state.kind === 'progressing' ? observed : facts.generation
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    ...(lastHandledReconcileAt === undefined ? {} : { lastHandledReconcileAt }),
    ...(lastAttemptedRevision === undefined ? {} : { lastAttemptedRevision }),
    inventory: facts.inventory.map(entry => ({ ...entry })),
    conditions
  }
}

function conditionsOf(state: ReleaseState, facts: StatusFacts): readonly Condition[] {
  const { message } = state
  const observedGeneration = facts.generation
  const ready = { type: 'Ready', message, observedGeneration }
  const others = storedCondition(facts)
  switch (state.kind) {
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
      const { reason } = state
      const retry = { type: 'Reconciling', status: 'True', reason: 'ProgressingWithRetry' } as const
      return [
        { ...ready, status: 'False', reason },
        { ...retry, message: 'retrying', observedGeneration },
        ...others
      ]
    }
    case 'stalled': {
      const { reason } = state
      return [
        { ...ready, status: 'False', reason },
        { type: 'Stalled', status: 'True', reason, message, observedGeneration },
        ...others
      ]
    }
  }
}

/**
 * `Warnings`: the last successful render has warnings. It is kept while a later render runs or fails,
 * because its artifact stays published.
 */
function warningsCondition(
  state: ReleaseState,
  observedGeneration: number,
  last: JsonValue | undefined
): readonly Condition[] {
  const message = state.kind === 'ready' ? warningsMessage(state.warnings) : writtenWarnings(last)
  if (message === undefined) return []
  const reason = 'RenderedWithWarnings'
  return [{ type: 'Warnings', status: 'True', reason, message, observedGeneration }]
}

const maxWarningsCharacters = 8_000

/** The message of warnings, one a line; undefined without any. */
export function warningsMessage(warnings: readonly string[]): string | undefined {
  return warnings.length === 0 ? undefined : bound(warnings.join('\n'), maxWarningsCharacters)
}

/** The message of the condition `Warnings` in a status. */
export function writtenWarnings(status: JsonValue | undefined): string | undefined {
  return stringMember(findCondition(member(status, 'conditions'), 'Warnings'), 'message')
}

/** ArtifactInStorage, as in Flux's sources: whether the publication can be downloaded. */
function storedCondition({ generation, inventory, isStored }: StatusFacts): readonly Condition[] {
  const [published] = inventory
  if (published === undefined) return []
  const stored = { type: 'ArtifactInStorage', observedGeneration: generation }
  const { revision } = published
  if (isStored) {
    const message = `stored artifact for revision ${revision}`
    return [{ ...stored, status: 'True', reason: 'Succeeded', message }]
  }
  const message = `the file of revision ${revision} is lost: downloads answer 404 until a render succeeds; applied objects stay`
  return [{ ...stored, status: 'False', reason: 'StorageOperationFailed', message }]
}

const entryKeys = ['name', 'namespace', 'revision', 'digest', 'originRevision'] as const

/**
 * Reads the inventory of a status: the ExternalArtifacts to delete when they are no longer wanted. Invalid
 * entries, which others may have written, are left out.
 */
export function readInventory(status: JsonValue | undefined): readonly InventoryEntry[] {
  const inventory = member(status, 'inventory')
  const entries: readonly JsonValue[] = isJsonArray(inventory) ? inventory : []
  return entries.filter(entry =>
    entryKeys.every(key => stringMember(entry, key) !== undefined)
  ) as unknown as readonly InventoryEntry[]
}

/** Whether two statuses are equal, in any order of keys. */
export function isSameStatus(left: JsonObject, right: JsonValue | undefined): boolean {
  const text = (value: JsonValue) => stringifyJson(value, { sortKeys: true })
  return right !== undefined && text(left) === text(right)
}
