import type { ListenAddress } from '../../service/http/listen-address.ts'
import { readAllowedAddress } from './addresses.ts'
import type { SourceRules } from './source-rules.ts'
import { readTokenOption } from './tokens.ts'

/** Options about sources, as given on the command line. */
export interface SourceOptions {
  readonly prometheus?: readonly string[] | undefined
  readonly allow?: readonly string[] | undefined
  readonly token?: readonly string[] | undefined
  readonly files?: string | undefined
}

const loopbackHosts = ['127.0.0.1', '::1', 'localhost']

/**
 * Reads the rules for sources. If the service listens on loopback, only this machine can call it, so
 * objectives may name loopback addresses.
 *
 * @throws {Fault} `ADDRESS_INVALID`, `TOKEN_INVALID`
 */
export function readSourceOptions(
  { prometheus = [], allow = [], token = [], files }: SourceOptions,
  listen: ListenAddress,
  environment: Readonly<Record<string, string | undefined>>
): SourceRules {
  const known = prometheus.map(text => readAllowedAddress(text, '--prometheus'))
  const isLocal = loopbackHosts.includes(listen.host ?? '')
  return {
    allowed: [...known, ...allow.map(text => readAllowedAddress(text, '--allow'))],
    isLocal,
    prometheus: known[0],
    tokens: token.map(text => readTokenOption(text, environment)),
    files: { folder: files, isLocal }
  }
}
