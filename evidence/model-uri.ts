/** `scheme://`, with the scheme in any case. */
const schemePattern = /^[a-z][a-z0-9+.-]*:\/\//i

/**
 * Says why a model URI can mean something else than its text: downloaders read `..`, escapes, white space
 * and user names differently, and an expression is filled in later. Undefined if nothing is wrong.
 */
export function ambiguityOf(uri: string): string | undefined {
  const path = uri.replace(schemePattern, '')
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) return 'a "." or ".." segment'
  if (/%|\\/.test(path)) return 'an escape'
  if (/[\s\p{Cc}]/u.test(path)) return 'white space'
  if (path.slice(0, Math.max(0, path.indexOf('/'))).includes('@')) return 'a user name'
  return /\$\(|\{\{|\$\{/.test(path) ? 'an expression' : undefined
}

/** True for a URI of a model in an OCI registry, which is an image. */
export function isOciUri(uri: string): boolean {
  return /^oci:\/\//i.test(uri)
}

/**
 * The path segments of a model URI that can name a commit; the authority (bucket, host) is not among
 * them. None for an ambiguous URI, and for one with a query or a fragment.
 */
export function pathSegments(uri: string): readonly string[] {
  if (ambiguityOf(uri) !== undefined || /[?#]/.test(uri)) return []
  const scheme = schemePattern.exec(uri)?.[0]
  if (scheme === undefined) return /^[^/]*:/.test(uri) ? [] : uri.split('/')
  return uri.slice(scheme.length).split('/').slice(1)
}
