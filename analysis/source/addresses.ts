import { Fault } from '../../common/fault.ts'

/** Which addresses objectives may name. Teams write objectives; the operator sets these rules. */
export interface AddressRules {
  /** `https://prometheus.example.com/team`, `http://*.models.internal:8080`. */
  readonly allowed: readonly string[]
  /** Whether the service listens only on loopback, so that only this machine can call it. */
  readonly isLocal: boolean
}

/** An allowed address, or why it is refused. */
export type CheckedAddress = { readonly url: URL } | { readonly refused: string }

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * Checks an address that objectives name. It must be an http or https URL without credentials, query, fragment
 * or percent-encoding that a proxy could decode to another path. The operator must allow it, or it is a
 * Service of the Canary's namespace (`name.namespace.svc[.cluster.local]`), or both are on loopback.
 */
export function checkAddress(
  text: string,
  namespace: string,
  { allowed, isLocal }: AddressRules
): CheckedAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    return { refused: 'it is not an http or https URL' }
  }
  const defect = defectOf(url)
  if (defect !== undefined) return { refused: defect }
  const isAllowed =
    isOwnService(url.hostname, namespace) ||
    (isLocal && loopback.test(url.hostname)) ||
    allowed.some(pattern => matches(url, pattern))
  return isAllowed
    ? { url }
    : {
        refused: `${url.host} is neither a Service of the namespace ${namespace} (NAME.${namespace}.svc) nor allowed by the service (--allow URL)`
      }
}

function defectOf({ username, password, search, hash, pathname }: URL): string | undefined {
  if (username !== '' || password !== '') {
    return 'it has credentials; use --token of the service'
  }
  if (search !== '' || hash !== '') return 'it has a query or a fragment'
  return /%(?:2e|2f|5c)/i.test(pathname)
    ? 'its path has percent-encoded dots or slashes'
    : undefined
}

/** Whether a host is a Service of the namespace; no public name ends in `.svc`. */
function isOwnService(hostname: string, namespace: string): boolean {
  const [name = '', ...rest] = hostname.replace(/\.$/, '').split('.')
  const domain = rest.join('.')
  return name !== '' && [`${namespace}.svc`, `${namespace}.svc.cluster.local`].includes(domain)
}

function matches(url: URL, pattern: string): boolean {
  const { protocol, hostname, port, pathname } = new URL(pattern)
  const isHost = hostname.startsWith('*.')
    ? url.hostname.endsWith(hostname.slice(1)) && url.hostname.length >= hostname.length
    : url.hostname === hostname
  const folder = pathname.endsWith('/') ? pathname : `${pathname}/`
  const isPath = `${url.pathname}/`.startsWith(folder)
  return isHost && isPath && url.protocol === protocol && url.port === port
}

/**
 * Reads an address from the command line. It allows everything under its path.
 *
 * @throws {Fault} `ADDRESS_INVALID`
 */
export function readAllowedAddress(text: string, where: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isUsable =
    url !== undefined &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.username + url.password + url.search + url.hash === '' &&
    /^(?:\*\.)?[^*]+$/.test(url.hostname)
  if (isUsable) return url.href
  throw new Fault('ADDRESS_INVALID', 'not an address that objectives can name', {
    where,
    expected:
      'an http or https URL, such as http://prometheus.monitoring:9090 or https://*.example.com'
  })
}
