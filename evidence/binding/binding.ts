import { isJsonObject, member } from '../../common/json.ts'
import type { JsonObject, JsonValue } from '../../common/json.ts'
import { isSameAccount } from './account.ts'
import { compareAt } from './compare.ts'
import type { Difference, Tolerance } from './compare.ts'
import { isDeployerAddition } from './deployer-additions.ts'
import { asKServeStores } from './kserve-model.ts'
import { isOperatorAddition } from './operator-additions.ts'
import { pathOf } from './place.ts'
import type { Place, Segment } from './place.ts'
import type { Pointer } from './pointer.ts'
import { boundMembers } from './rendered-object.ts'
import { coreGroups, runningPathsOf } from './running-paths.ts'
import { isScale } from './scale.ts'
import { isServerAddition } from './server-additions.ts'
import { serverView } from './server-view.ts'
import type { ServerView } from './server-view.ts'

/**
 * What an attestation binds of an object: `runs`, what decides what is executed, with what rights and on
 * what; `object`, every field.
 */
export type Binding = 'runs' | 'object'

/** Whether the API server, or the kind's CRD, sets a value at a path where a manifest leaves it out. */
export type IsKnownDefault = (
  kind: { readonly group: string; readonly kind: string },
  path: readonly Segment[],
  value: JsonValue,
  parent: JsonObject
) => boolean

/** How an object is compared with the rendered one. */
export interface BindingOptions {
  readonly binds: Binding
  /** Fields that may differ. */
  readonly allowChanges: readonly Pointer[]
  /** True for an object that is in the cluster already. */
  readonly isUpdate: boolean
  readonly isKnownDefault: IsKnownDefault
}

/**
 * Returns where an object is not the rendered one, at most 50 places. Metadata and status may differ, but
 * for metadata of templates if `binds` is `object`.
 */
export function differencesFrom(
  rendered: JsonObject,
  object: JsonObject,
  options: BindingOptions
): readonly Difference[] {
  const view = serverView(object, options.isUpdate)
  const tolerance = toleranceFor(view, options)
  const root = { rendered: asKServeStores(rendered, object), found: boundMembers(object) }
  const places = options.binds === 'object' ? [rootPlace(root)] : runningPlaces(root, view)
  return places.flatMap(place => compareAt(place, tolerance))
}

function toleranceFor(view: ServerView, options: BindingOptions): Tolerance {
  const { binds, allowChanges, isKnownDefault } = options
  return {
    onlyRuns: binds === 'runs',
    isCustom: !coreGroups.has(view.group),
    allowed: allowChanges,
    isFree: place =>
      isSameAccount(place) ||
      isScale(place, view) ||
      // Another version of the kind: its fields are compared.
      (binds === 'runs' && place.key === 'apiVersion' && place.parent?.parent === undefined),
    isKnownAddition: place =>
      isServerAddition(place, view) ||
      isDeployerAddition(place) ||
      isOperatorAddition(place, view) ||
      isDefault(place)
  }

  function isDefault(place: Place): boolean {
    const { found, parent } = place
    if (found === undefined) return false
    const holder = holderOf(parent)
    return holder !== undefined && isKnownDefault(view, pathOf(place), found, holder)
  }
}

/** The object that holds a value: for an item of a list, the one that holds the list. */
function holderOf(parent: Place | undefined): JsonObject | undefined {
  for (let at = parent; at !== undefined; at = at.parent) {
    if (isJsonObject(at.found)) return at.found
  }
  return undefined
}

interface Compared {
  readonly rendered: JsonValue | undefined
  readonly found: JsonValue | undefined
}

function rootPlace(compared: Compared): Place {
  return { key: '', parent: undefined, ...compared }
}

function runningPlaces(compared: Compared, view: ServerView): readonly Place[] {
  const root = rootPlace(compared)
  const paths = runningPathsOf(view)
  return paths === undefined ? [root] : paths.map(path => path.reduce<Place>(memberAt, root))
}

function memberAt(parent: Place, key: string): Place {
  const { rendered, found } = parent
  return { key, parent, rendered: member(rendered, key), found: member(found, key) }
}
