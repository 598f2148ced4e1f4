import type { JsonObject } from '../../common/json.ts'
import type { OpaquePlace } from './kind.ts'

/** A string with a manifest or a configuration. */
export function text(path: string, reason: string): OpaquePlace {
  return { path, kind: 'text', reason }
}

/** A free-form object of another program. */
export function object(path: string, reason: string): OpaquePlace {
  return { path, kind: 'object', reason }
}

/**
 * A reference to another object of the cluster.
 *
 * @param defaults what the API server adds to it
 */
export function local(path: string, reason: string, defaults?: JsonObject): OpaquePlace {
  const place = { path, kind: 'local', reason } as const
  return defaults === undefined ? place : { ...place, defaults }
}

/** Something fetched at run time from outside of the cluster. */
export function remote(path: string, reason: string): OpaquePlace {
  return { path, kind: 'remote', reason }
}

/** A command or code that runs in an image that is judged, and can load a model. */
export function code(path: string, reason: string): OpaquePlace {
  return { path, kind: 'code', reason }
}

/** A word that decides what runs, and names neither an image nor a model. */
export function bound(path: string, reason: string): OpaquePlace {
  return { path, kind: 'bound', reason }
}
