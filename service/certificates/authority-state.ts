import { Fault } from '../../common/fault.ts'
import { readAuthority, readRetiredAuthority } from './authority.ts'
import type { Authority, RetiredAuthority } from './authority.ts'

/** The authorities that the replicas of a service share through a Secret. */
export interface AuthorityState {
  /** Signs every new leaf. */
  readonly current: Authority
  /** Will sign once clients trust it. `publishedAtMs`: when the bundle with it was first seen published. */
  readonly next?: { readonly authority: Authority; readonly publishedAtMs?: number }
  /** Signed until the last change; trusted until its last leaf is gone. */
  readonly previous?: { readonly authority: RetiredAuthority; readonly removeAtMs: number }
}

/** The decoded members of a Secret. */
export type SecretData = Readonly<Record<string, string>>

/**
 * The state in a Secret's data, undefined where the Secret is empty.
 *
 * @throws {Fault} `CA_INVALID` when it holds something else; it is never overwritten then
 */
export function readAuthorityState(data: SecretData): AuthorityState | undefined {
  const text = (name: string) => (Object.hasOwn(data, name) ? (data[name] ?? '') : '')
  if (Object.values(data).every(value => value === '')) return undefined
  const current = readAuthority(text('ca.crt'), text('ca.key'), 'ca.crt')
  const nextTime = text('next-published-at')
  const next = text('next-ca.crt') !== '' && {
    authority: readAuthority(text('next-ca.crt'), text('next-ca.key'), 'next-ca.crt'),
    ...(nextTime === '' ? {} : { publishedAtMs: readTime(nextTime, 'next-published-at') })
  }
  const previous = text('previous-ca.crt') !== '' && {
    authority: readRetiredAuthority(text('previous-ca.crt'), 'previous-ca.crt'),
    removeAtMs: readTime(text('previous-remove-at'), 'previous-remove-at')
  }
  return { current, ...(next && { next }), ...(previous && { previous }) }
}

/** The Secret's data for a state. */
export function writeAuthorityState({ current, next, previous }: AuthorityState): SecretData {
  return {
    'ca.crt': current.certificatePem,
    'ca.key': current.keyPem,
    ...(next && {
      'next-ca.crt': next.authority.certificatePem,
      'next-ca.key': next.authority.keyPem
    }),
    ...(next?.publishedAtMs !== undefined && {
      'next-published-at': new Date(next.publishedAtMs).toISOString()
    }),
    ...(previous && {
      'previous-ca.crt': previous.authority.certificatePem,
      'previous-remove-at': new Date(previous.removeAtMs).toISOString()
    })
  }
}

/** Every authority that clients must trust, PEM after PEM, the signing one first. */
export function bundleOf({ current, next, previous }: AuthorityState): string {
  return [current, next?.authority, previous?.authority]
    .filter(authority => authority !== undefined)
    .map(({ certificatePem }) => `${certificatePem.trim()}\n`)
    .join('')
}

function readTime(text: string, where: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) {
    throw new Fault('CA_INVALID', 'not a time', { where, expected: 'such as 2026-01-31T00:00:00Z' })
  }
  return time
}
