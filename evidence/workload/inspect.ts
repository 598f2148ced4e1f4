import { isDeepStrictEqual } from 'node:util'
import { member } from '../../common/json.ts'
import type { JsonObject } from '../../common/json.ts'
import { Collector } from './collector.ts'
import { isIdle } from './idle-kinds.ts'
import { collectInjections } from './injections.ts'
import { isOfTableGroup, readingsOf, rowOf } from './readings.ts'
import type { Reading } from './readings.ts'
import { searchBelow, searchObject } from './search.ts'
import { isExhausted, Step, walk } from './walk.ts'
import type { Workload } from './workload.ts'

/**
 * Returns what `object` runs. A kind of the workload table is read by its row; an unknown kind of a group
 * of the table is searched, and undefined if nothing is found. Undefined for any other kind.
 *
 * It never throws: a field of a wrong type is reported as opaque. So is the whole object when more than
 * 2,000 values or 100,000 steps are needed; then nothing more is inspected. A `List` is not expanded.
 *
 * @param admitted the object in the cluster, for an update: what its status had already is not reported
 * again
 */
export function inspectWorkload(object: JsonObject, admitted?: JsonObject): Workload | undefined {
  const row = rowOf(object)
  const collector = new Collector()
  let isFound = row !== undefined
  if (row !== undefined) {
    const { always, ofStatus } = readingsOf(row)
    read(object, always, collector)
    if (changesRunningStatus(object, admitted)) read(object, ofStatus, collector)
  } else if (!isOfTableGroup(object) || isIdle(object)) return undefined
  else isFound = searchObject(object, collector)
  collectInjections(object, collector)
  if (!isFound && isNothing(collector)) return undefined
  const { images, emptyImages, models, opaque } = collector
  const { role, scope } = row ?? found
  const workload = { role, scope, images, models, opaque: [...opaque.values()] }
  return emptyImages.length === 0 ? workload : { ...workload, emptyImages }
}

function isNothing({ images, emptyImages, models, opaque }: Collector): boolean {
  return images.length + emptyImages.length + models.length + opaque.size === 0
}

/** What is known of an unknown kind in which something was found. */
const found = { role: 'run', scope: 'namespaced' } as const

function read(object: JsonObject, readings: readonly Reading[], collector: Collector): void {
  for (const { path, take } of readings) {
    if (isExhausted(collector.allowance)) return
    for (const reached of walk(object, path, collector.allowance)) {
      if (take !== 'search') collector.take(take, reached)
      else if (reached instanceof Step) searchBelow(reached, collector)
      else collector.malformed(reached, reached.obstacle ?? '')
    }
  }
}

/**
 * True if the status of `object` has something that its controller runs, and `admitted`, the object in the
 * cluster, has not the same.
 */
export function changesRunningStatus(
  object: JsonObject,
  admitted: JsonObject | undefined
): boolean {
  const { status } = rowOf(object) ?? {}
  if (status === undefined) return false
  return status.members.some(name => {
    const value = member(object.status, name)
    return value !== undefined && !isDeepStrictEqual(value, member(admitted?.status, name))
  })
}

/**
 * True if an object of this kind can name something of a kind of place, or hide it. False for a kind that
 * is neither in the table nor one in which something was found.
 */
export function canHold(object: JsonObject, what: 'image' | 'model'): boolean {
  const row = rowOf(object)
  if (row === undefined) return inspectWorkload(object) !== undefined
  return readingsOf(row).always.some(({ take }) => holds(take, what))
}

function holds(take: Reading['take'], what: 'image' | 'model'): boolean {
  if (take === 'artifact') return what === 'model'
  if (typeof take === 'string') return take === what || take === 'search'
  switch (take.kind) {
    case 'local':
    case 'bound':
      return take.remote !== undefined
    case 'code':
      return what === 'model'
    default:
      return true
  }
}
