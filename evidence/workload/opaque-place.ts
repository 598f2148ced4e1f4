import type { OpaquePlace } from './kind.ts'

/** A string with a manifest or a configuration. */
export function text(path: string, reason: string): OpaquePlace {
  return { path, kind: 'text', reason }
}

/** A free-form object of another program. */
export function object(path: string, reason: string): OpaquePlace {
  return { path, kind: 'object', reason }
}

/** A reference to another object of the cluster. */
export function local(path: string, reason: string): OpaquePlace {
  return { path, kind: 'local', reason }
}

/** Something fetched at run time from outside of the cluster. */
export function remote(path: string, reason: string): OpaquePlace {
  return { path, kind: 'remote', reason }
}
