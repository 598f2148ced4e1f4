import type { ListenAddress } from '../../service/http/listen-address.ts'
import { readAllowedAddress } from './addresses.ts'
import type { SourceRules } from './source-rules.ts'
import { readTokenOption } from './tokens.ts'

/** The options of the command line that are about sources, as they were given. */
export interface SourceOptions {
  readonly prometheus?: readonly string[] | undefined
  readonly allow?: readonly string[] | undefined
  readonly token?: readonly string[] | undefined
  readonly files?: string | undefined
}

const loopbackHosts = ['127.0.0.1', '::1', 'localhost']

/**
 * Reads what the operator allows. On a loopback address only this machine can ask, so objectives may name
 * loopback addresses then.
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
