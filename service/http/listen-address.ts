import { Fault } from '../../common/fault.ts'

/** Where a server listens. Without a host on every address of the machine; port 0 is any free port. */
export interface ListenAddress {
  readonly host: string | undefined
  /** 0 to 65,535. */
  readonly port: number
}

const pattern = /^(?:\[(?<six>[0-9A-Fa-f:.%]+)\]|(?<name>[A-Za-z0-9._-]*)):(?<port>[0-9]{1,5})$/

/**
 * Parses `HOST:PORT`. An IPv6 address is in brackets (`[::1]:8443`); without a host it is every address
 * (`:8443`); port 0 is any free port.
 *
 * @param where the name of the option, for the message
 * @throws {Fault} `ADDRESS_INVALID`
 */
export function parseListenAddress(text: string, where: string): ListenAddress {
  const groups = pattern.exec(text)?.groups
  const port = Number(groups?.port)
  if (groups === undefined || port > 65_535) {
    throw new Fault('ADDRESS_INVALID', 'invalid listen address', {
      where,
      found: JSON.stringify(text.slice(0, 100)),
      expected: 'HOST:PORT, such as 127.0.0.1:8443, [::1]:8443, or :8443 for every address',
      remedy: 'use port 0 for any free port'
    })
  }
  const host = groups.six ?? groups.name ?? ''
  return { host: host === '' ? undefined : host, port }
}

/** Formats `HOST:PORT`, with an IPv6 address in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
