import { readFileSync } from 'node:fs'
import { Fault } from '../../common/fault.ts'
import { readAllowedAddress } from './addresses.ts'

/** A bearer token for an address, read again for each request because mounted tokens are rotated. */
export interface AddressToken {
  readonly address: string
  /** @throws {Fault} `TOKEN_UNREADABLE` */
  readonly read: () => string
}

const maxTokenCharacters = 16_384

/**
 * Reads `URL=file:PATH` or `URL=env:NAME`; a token itself is never on a command line.
 *
 * @throws {Fault} `ADDRESS_INVALID`, `TOKEN_INVALID`
 */
export function readTokenOption(
  text: string,
  environment: Readonly<Record<string, string | undefined>>
): AddressToken {
  const parts = /^(?<address>[^=]+)=(?<kind>file|env):(?<name>.+)$/.exec(text)?.groups
  if (parts === undefined) {
    throw new Fault('TOKEN_INVALID', 'not a token', {
      where: '--token',
      expected: 'URL=file:PATH or URL=env:NAME'
    })
  }
  const { address = '', kind, name = '' } = parts
  const find =
    kind === 'env'
      ? () => environment[name]
      : () => readFileSync(name, 'utf8').slice(0, maxTokenCharacters)
  return {
    address: readAllowedAddress(address, '--token'),
    read: () => readToken(find, `${kind ?? ''}:${name}`)
  }
}

function readToken(find: () => string | undefined, name: string): string {
  let token: string | undefined
  try {
    token = find()?.trim()
  } catch {
    token = undefined
  }
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token
  throw new Fault('TOKEN_UNREADABLE', `cannot read the token from ${name}`, { where: '--token' })
}

/** Returns the headers that authenticate a request, from the token with the longest matching address. */
export function authorization(
  url: URL,
  tokens: readonly AddressToken[]
): Readonly<Record<string, string>> {
  const [token] = tokens
    .filter(({ address }) => isUnder(url, address))
    .toSorted((a, b) => b.address.length - a.address.length)
  return token === undefined ? {} : { authorization: `Bearer ${token.read()}` }
}

function isUnder(url: URL, address: string): boolean {
  const { origin, pathname } = new URL(address)
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
  return url.origin === origin && `${url.pathname}/`.startsWith(folder)
}
