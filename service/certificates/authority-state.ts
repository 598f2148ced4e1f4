import { Fault } from '../../common/fault.ts'
import { readAuthority, readRetiredAuthority } from './authority.ts'
import type { Authority, RetiredAuthority } from './authority.ts'

/** The CAs that the replicas of a service share through a Secret. */
export interface AuthorityState {
  /** Signs every new leaf. */
  readonly current: Authority
  /** Signs once clients trust it. `publishedAtMs`: when the bundle was first seen to contain it. */
  readonly next?: { readonly authority: Authority; readonly publishedAtMs?: number }
  /** Signed before `current`; trusted until its last leaf has expired. */
  readonly previous?: { readonly authority: RetiredAuthority; readonly removeAtMs: number }
}

/** The decoded data of a Secret. */
export type SecretData = Readonly<Record<string, string>>

/**
 * Reads the state from a Secret's data; undefined if the Secret is empty.
 *
 * @throws {Fault} `CA_INVALID` if it contains anything else, which is never overwritten
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

/** Returns the Secret's data for a state. */
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

/** Returns the PEM certificates of every CA that clients must trust, the signing one first. */
export function bundleOf({ current, next, previous }: AuthorityState): string {
  return [current, next?.authority, previous?.authority]
    .filter(authority => authority !== undefined)
    .map(({ certificatePem }) => `${certificatePem.trim()}\n`)
    .join('')
}

function readTime(text: string, where: string): number {
  const time = Date.parse(text)
  if (Number.isNaN(time)) {
    throw new Fault('CA_INVALID', 'invalid time', {
      where,
      expected: 'such as 2026-01-31T00:00:00Z'
    })
  }
  return time
}
