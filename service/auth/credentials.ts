import { createHash, timingSafeEqual } from 'node:crypto'
import { Fault } from '../../common/fault.ts'

/** Digests of what a caller may show: the value of an `Authorization` header. */
export type Credentials = readonly Buffer[]

const leastCharacters = 8
const mostLines = 100

/**
 * Reads credentials, one a line: `user:password` for Basic, anything else for Bearer. Several lines let
 * an old one go on while a new one is rolled out. Empty lines and lines that begin with `#` are left out.
 *
 * @param where names the option and no secret
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
    throw new Fault('CREDENTIALS_INVALID', 'the credentials cannot be used', {
      where,
      found: `${lines.length} lines`,
      expected: `1 to ${mostLines} lines of at least ${leastCharacters} printable ASCII characters without spaces: a token, or user:password`
    })
  }
  return lines.map(line =>
    digest(line.includes(':') ? `Basic ${Buffer.from(line).toString('base64')}` : `Bearer ${line}`)
  )
}

/** Whether a header shows one of the credentials; takes as long for a wrong one as for a right one. */
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
