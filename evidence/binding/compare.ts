import { isJsonArray, isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isSameQuantity, isVoid } from './equivalent.ts'
import { isImmaterial } from './immaterial.ts'
import { pairItems } from './list-items.ts'
import type { Pair } from './list-items.ts'
import { memberName, renderedPathOf } from './place.ts'
import type { Place, Segment } from './place.ts'
import { covers } from './pointer.ts'
import type { Pointer } from './pointer.ts'

/** Where the object that was found is not the rendered one. */
export interface Difference {
  readonly kind: 'changed' | 'missing' | 'added' | 'reordered'
  readonly place: Place
}

/** What may differ. */
export interface Tolerance {
  /** True if fields that do not decide what runs may differ. */
  readonly onlyRuns: boolean
  /** True for a custom resource, which the API server stores as it was written. */
  readonly isCustom: boolean
  readonly allowed: readonly Pointer[]
  /** Whether a place that has nothing of it in the rendered object holds what something is known to set. */
  readonly isKnownAddition: (place: Place) => boolean
  /** Whether a place may always differ. */
  readonly isFree: (place: Place) => boolean
}

/** More would not be read. */
const maxDifferences = 50

/**
 * Compares two values from a place on, and returns at most 50 differences, each at the outermost place
 * that is wholly other.
 */
export function compareAt(root: Place, tolerance: Tolerance): readonly Difference[] {
  const differences: Difference[] = []
  compare(root, { tolerance, differences })
  return differences
}

interface Comparison {
  readonly tolerance: Tolerance
  readonly differences: Difference[]
}

const probes: ReadonlySet<Segment> = new Set(['livenessProbe', 'readinessProbe', 'startupProbe'])

function compare(place: Place, comparison: Comparison): void {
  const { rendered, found } = place
  if (rendered === found || comparison.differences.length >= maxDifferences) return
  if (isTolerated(place, comparison)) return
  if (comparison.tolerance.onlyRuns && probes.has(place.key)) {
    // Of a probe, only the command that it executes counts.
    compare(memberOf(place, 'exec'), comparison)
  } else compareValues(place, comparison)
}

function compareValues(place: Place, comparison: Comparison): void {
  const { rendered, found } = place
  if (isJsonObject(rendered) && isJsonObject(found)) compareMembers(place, comparison)
  else if (isJsonArray(rendered) && isJsonArray(found)) compareItems(place, comparison)
  else if (isAbsent(found, place, comparison)) compareMissing(place, comparison)
  else if (isAbsent(rendered, place, comparison)) compareAdded(place, comparison)
  else if (!isOtherwiseWritten(place)) report('changed', place, comparison)
}

function isOtherwiseWritten({ key, parent, rendered, found }: Place): boolean {
  const holder = parent === undefined ? '' : memberName(parent)
  return isSameQuantity({ name: key, holder }, rendered, found)
}

function isTolerated(place: Place, { tolerance }: Comparison): boolean {
  if (tolerance.isFree(place)) return true
  return tolerance.onlyRuns && isImmaterial(place)
}

function isAbsent(value: JsonValue | undefined, place: Place, { tolerance }: Comparison): boolean {
  return isVoid(value, String(place.key), tolerance.isCustom)
}

function compareMembers(place: Place, comparison: Comparison): void {
  const rendered = place.rendered as JsonObject
  const found = place.found as JsonObject
  for (const key of Object.keys(rendered)) {
    // Most members are the same text or number.
    if (!Object.hasOwn(found, key) || rendered[key] !== found[key]) {
      compare(memberOf(place, key), comparison)
    }
  }
  for (const key of Object.keys(found)) {
    if (!Object.hasOwn(rendered, key)) compare(memberOf(place, key), comparison)
  }
}

function memberOf(parent: Place, key: string): Place {
  const { rendered, found } = parent
  return { key, parent, rendered: member(rendered, key), found: member(found, key) }
}

function compareItems(parent: Place, comparison: Comparison): void {
  const rendered = parent.rendered as readonly JsonValue[]
  const found = parent.found as readonly JsonValue[]
  if (isScalarList(rendered) && isScalarList(found)) {
    if (!isSameList(rendered, found)) report('changed', parent, comparison)
    return
  }
  const pairing = pairItems(String(parent.key), rendered, found)
  if (pairing.kind === 'byIndex') {
    const length = Math.max(rendered.length, found.length)
    for (let at = 0; at < length; at += 1)
      compareItem(parent, { rendered: at, found: at }, comparison)
    return
  }
  for (const pair of pairing.pairs) compareItem(parent, pair, comparison)
  if (pairing.isReordered) report('reordered', parent, comparison)
}

function compareItem(parent: Place, pair: Pair, comparison: Comparison): void {
  const rendered = itemOf(parent.rendered, pair.rendered)
  const found = itemOf(parent.found, pair.found)
  const key = pair.found ?? pair.rendered ?? 0
  const renderedKey = pair.rendered ?? Math.max(key, lengthOf(parent.rendered))
  compare({ key, renderedKey, parent, rendered, found }, comparison)
}

function lengthOf(list: JsonValue | undefined): number {
  return isJsonArray(list) ? list.length : 0
}

function itemOf(list: JsonValue | undefined, at: number | undefined): JsonValue | undefined {
  return at === undefined || !isJsonArray(list) ? undefined : list[at]
}

function isScalarList(list: readonly JsonValue[]): boolean {
  return list.every(item => typeof item !== 'object' || item === null)
}

function isSameList(rendered: readonly JsonValue[], found: readonly JsonValue[]): boolean {
  return rendered.length === found.length && rendered.every((item, at) => item === found[at])
}

/** Something was rendered. Nothing of it is there. */
function compareMissing(place: Place, comparison: Comparison): void {
  if (!mayBeAbsent(place, comparison))
    report(isNone(place.found) ? 'missing' : 'changed', place, comparison)
}

function mayBeAbsent(place: Place, comparison: Comparison): boolean {
  const { rendered } = place
  if (isAbsent(rendered, place, comparison)) return true
  if (isTolerated(place, comparison) || isAllowed(place, comparison)) return true
  if (!isJsonObject(rendered) || typeof place.key === 'number') return false
  const names = Object.keys(rendered)
  return names.length > 0 && names.every(key => mayBeAbsent(memberOf(place, key), comparison))
}

/** Nothing was rendered here, and something is there: what is known to be added, or parts that are. */
function compareAdded(place: Place, comparison: Comparison): void {
  if (isKnown(place, comparison)) return
  const { found } = place
  if (isJsonArray(found) && !isScalarList(found))
    compareItems({ ...place, rendered: [] }, comparison)
  else report(isNone(place.rendered) ? 'added' : 'changed', place, comparison)
}

function isNone(value: JsonValue | undefined): boolean {
  return value === undefined || value === null
}

function isKnown(place: Place, comparison: Comparison): boolean {
  const { found } = place
  if (isAbsent(found, place, comparison) || isTolerated(place, comparison)) return true
  if (comparison.tolerance.isKnownAddition(place) || isAllowed(place, comparison)) return true
  if (!isJsonObject(found) || typeof place.key === 'number') return false
  const names = Object.keys(found)
  return names.length > 0 && names.every(key => isKnown(memberOf(place, key), comparison))
}

function report(kind: Difference['kind'], place: Place, comparison: Comparison): void {
  if (!isAllowed(place, comparison)) comparison.differences.push({ kind, place })
}

function isAllowed(place: Place, { tolerance: { allowed } }: Comparison): boolean {
  if (allowed.length === 0) return false
  const path = renderedPathOf(place)
  return allowed.some(pointer => covers(pointer, path))
}
