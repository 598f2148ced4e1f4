import { createHash, timingSafeEqual } from 'node:crypto'
import { Fault } from '../../common/fault.ts'

/** Digests of the accepted values of an `Authorization` header. */
export type Credentials = readonly Buffer[]

const leastCharacters = 8
const mostLines = 100

/**
 * Reads credentials, one per line: `user:password` for Basic, anything else for Bearer. With several lines
 * an old one stays valid while a new one is rolled out. Empty lines and lines that start with `#` are
 * ignored.
 *
 * @param where the option that names the file, for messages
 * @throws {Fault} `CREDENTIALS_INVALID`
 */
export function readCredentials(text: string, where: string): Credentials {
  const lines = text
    .split(/\r?\n/)
    .map(line => line.trim())
    .filter(line => line !== '' && !line.startsWith('#'))
  const isUsable = lines.every(
    line => line.length >= leastCharacters && /^[\x21-\x7e]+$/.test(line)
  )
  if (lines.length === 0 || lines.length > mostLines || !isUsable) {
    throw new Fault('CREDENTIALS_INVALID', 'cannot use the credentials', {
      where,
      found: `${lines.length} lines`,
      expected: `1 to ${mostLines} lines of at least ${leastCharacters} printable ASCII characters without spaces: a token, or user:password`
    })
  }
  return lines.map(line =>
    digest(line.includes(':') ? `Basic ${Buffer.from(line).toString('base64')}` : `Bearer ${line}`)
  )
}

/** Whether a header has one of the credentials; takes the same time for a wrong one and a right one. */
export function isShown(authorization: string | undefined, credentials: Credentials): boolean {
  const [scheme = '', ...rest] = (authorization ?? '').split(' ')
  const word = scheme.toLowerCase() === 'basic' ? 'Basic' : 'Bearer'
  const shown = digest(`${word} ${rest.join(' ').trim()}`)
  let isKnown = false
  for (const known of credentials) {
    if (timingSafeEqual(shown, known)) isKnown = true
  }
  return isKnown && /^(?:basic|bearer)$/i.test(scheme)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
