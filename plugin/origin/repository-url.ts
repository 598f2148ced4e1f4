import type { Repository } from '../context.ts'

/**
 * A repository's address without secrets. `url` has neither user nor password (`https://host/x`,
 * `ssh://host/x`, `host:x`); `cloneUrl` keeps the user of SSH, which is not a secret.
 */
export function repositoryOf(address: string): Repository {
  const trimmed = address.trim()
  const scp = /^(?:([^@/\s]+)@)?([^:/\s]+:(?!\/\/).*)$/.exec(trimmed)
  if (scp !== null) return { url: scp[2] ?? trimmed, cloneUrl: trimmed }
  const parsed = URL.parse(trimmed)
  if (parsed === null) return { url: trimmed, cloneUrl: trimmed }
  const isSsh = parsed.protocol === 'ssh:' || parsed.protocol === 'git+ssh:'
  const user = isSsh && parsed.username !== '' ? `${parsed.username}@` : ''
  const [scheme, rest] = splitOnce(trimmed.replace(/[?#].*$/, ''), '://')
  const withoutUser = rest.replace(/^[^/]*@/, '')
  return { url: `${scheme}://${withoutUser}`, cloneUrl: `${scheme}://${user}${withoutUser}` }
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
